-- The backend that has a session or transaction lock by this key.
-- params: bigint
-- columns: pid integer!, application text
SELECT l.pid, NULLIF(a.application_name, '') AS application
FROM pg_catalog.pg_locks AS l
LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.pid IS NOT NULL
  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
  AND l.classid = (($1::bigint >> 32) & 4294967295)::pg_catalog.text::pg_catalog.oid
  AND l.objid = ($1::bigint & 4294967295)::pg_catalog.text::pg_catalog.oid AND l.objsubid = 1
ORDER BY l.pid
LIMIT 1;
