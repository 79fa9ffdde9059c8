-- Statements that have run for longer than $1 milliseconds.
-- params: bigint
-- columns: severity text, object text!, evidence text!, sql text
SELECT NULL::pg_catalog.text AS severity, 'pid ' || a.pid AS object,
       pg_catalog.format('%s (%s) in %s has run for %s: %s', a.usename, coalesce(nullif(a.application_name, ''), '?'), a.datname,
                         pg_catalog.date_trunc('second', pg_catalog.clock_timestamp() - a.query_start),
                         pg_catalog.left(pg_catalog.regexp_replace(a.query, '\s+', ' ', 'g'), 120)) AS evidence,
       pg_catalog.format('SELECT pg_catalog.pg_cancel_backend(%s)', a.pid) AS sql
FROM pg_catalog.pg_stat_activity AS a
WHERE a.pid <> pg_catalog.pg_backend_pid() AND a.backend_type = 'client backend' AND a.state = 'active'
  AND a.query_start < pg_catalog.clock_timestamp() - $1::pg_catalog.int8 * '1 ms'::pg_catalog.interval
ORDER BY a.query_start;
