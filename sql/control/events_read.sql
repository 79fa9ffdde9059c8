-- The newest events, newest first; of one version, of one action, of one tenant where that is given.
-- params: text, bigint, text, text
-- columns: id bigint, at timestamptz, run_id text, action text, outcome text, tenant text,
--   service text, version text, name text, actor text, db_user text, host text,
--   duration_ms bigint, sqlstate text, message text, detail text, place text, data jsonb
SELECT id, at, run_id, action, outcome, tenant, service, version, name, actor, db_user, host,
       duration_ms, sqlstate, message, detail, place, data
FROM godwit.events
WHERE ($1::pg_catalog.text IS NULL OR version = $1) AND ($3::pg_catalog.text IS NULL OR action = $3)
  AND ($4::pg_catalog.text IS NULL OR tenant = $4)
ORDER BY id DESC
LIMIT $2;
