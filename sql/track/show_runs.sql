-- What the newest run of migrations did, as stages: a row a migration, one that is under way among them.
-- params: none
-- columns: id bigint!, tracker text!, stage_name text!, status text!, started_at timestamptz, completed_at timestamptz,
--   error_count bigint!, last_updated timestamptz!, paused boolean!, note text, done bigint!, total bigint!
WITH newest AS (
    SELECT e.run_id FROM godwit.events e WHERE e.action IN ('apply', 'revert') ORDER BY e.id DESC LIMIT 1
), shown AS (
    SELECT e.id, e.tenant, e.service, e.version, e.name, e.outcome, e.at, e.duration_ms, e.message
    FROM godwit.events e JOIN newest USING (run_id) WHERE e.action IN ('apply', 'revert')
)
SELECT s.id, 'up'::pg_catalog.text AS tracker,
       pg_catalog.concat_ws(' ', nullif(s.tenant, ''), nullif(s.service, ''), s.version, s.name) AS stage_name,
       CASE WHEN s.outcome = 'ok' THEN 'completed' ELSE 'failed' END::pg_catalog.text AS status,
       s.at - coalesce(s.duration_ms, 0) * interval '1 millisecond' AS started_at, s.at AS completed_at,
       CASE WHEN s.outcome = 'ok' THEN 0 ELSE 1 END::pg_catalog.int8 AS error_count, s.at AS last_updated, false AS paused,
       s.message AS note, 0::pg_catalog.int8 AS done, 0::pg_catalog.int8 AS total
FROM shown s
UNION ALL
SELECT 9223372036854775807, 'up', pg_catalog.concat_ws(' ', nullif(m.tenant, ''), nullif(m.service, ''), m.version, m.name), 'ongoing',
       m.applied_at, NULL, 0, m.applied_at, false, NULL, m.statements_done, m.statements_total
FROM godwit.migrations m WHERE m.state <> 'applied'
ORDER BY 1
