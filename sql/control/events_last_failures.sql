-- For each migration of a tenant its last apply or revert, where that one failed.
-- params: text
-- columns: id bigint, at timestamptz, run_id text, action text, outcome text, tenant text,
--   service text, version text, name text, actor text, db_user text, host text,
--   duration_ms bigint, sqlstate text, message text, detail text, place text, data jsonb
SELECT id, at, run_id, action, outcome, tenant, service, version, name, actor, db_user, host,
       duration_ms, sqlstate, message, detail, place, data
FROM (
    SELECT e.*, pg_catalog.row_number() OVER (PARTITION BY service, version ORDER BY id DESC) AS newest
    FROM godwit.events AS e
    WHERE tenant = $1 AND version IS NOT NULL
      AND action IN ('apply', 'revert', 'baseline', 'adopt', 'repair')
      AND (service, version) IN (
          SELECT f.service, f.version FROM godwit.events AS f
          WHERE f.tenant = $1 AND f.outcome IN ('failed', 'interrupted'))
) AS last
WHERE newest = 1 AND outcome IN ('failed', 'interrupted');
