-- The whole history of a tenant.
-- params: text
-- columns: tenant text, service text, version text, sort_key text, name text, kind text,
--   checksum text, state text, statements_done integer, statements_total integer, intent jsonb,
--   transactional boolean, applied_at timestamptz, duration_ms bigint, applied_by text,
--   applied_from text, godwit_version text, run_id text, backup_id text, details jsonb
SELECT tenant, service, version, sort_key, name, kind, checksum, state, statements_done,
       statements_total, intent, transactional, applied_at, duration_ms, applied_by, applied_from,
       godwit_version, run_id, backup_id, details
FROM godwit.migrations
WHERE tenant = $1;
