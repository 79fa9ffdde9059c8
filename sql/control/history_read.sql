-- The whole history of a tenant. Not that of a schema which is gone: whose last row says that there
-- were objects in it, while the schema of this name has another OID and holds none. (Another OID
-- alone says nothing: what was restored from a dump has one.)
-- params: text
-- columns: tenant text, service text, version text, sort_key text, name text, kind text,
--   checksum text, state text, statements_done integer, statements_total integer, intent jsonb,
--   transactional boolean, applied_at timestamptz, duration_ms bigint, applied_by text,
--   applied_from text, godwit_version text, run_id text, backup_id text, details jsonb
SELECT tenant, service, version, sort_key, name, kind, checksum, state, statements_done,
       statements_total, intent, transactional, applied_at, duration_ms, applied_by, applied_from,
       godwit_version, run_id, backup_id, details
FROM godwit.migrations
WHERE tenant = $1 AND NOT EXISTS (
    SELECT FROM (SELECT details FROM godwit.migrations WHERE tenant = $1
                 ORDER BY applied_at DESC LIMIT 1) last
    JOIN pg_catalog.pg_namespace n ON n.nspname = $1
    WHERE last.details->>'schema_held' = 'true' AND last.details->>'schema_oid' <> n.oid::pg_catalog.text
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype = 'n' AND d.refobjid = n.oid
                      AND d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass));
