-- Statements of this database that take half a second and more on average, by pg_stat_statements, whose columns are
-- called otherwise below version 13; no row where it is not installed.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
WITH made AS MATERIALIZED (
SELECT n.nspname, v.time
FROM pg_catalog.pg_extension AS e
JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
CROSS JOIN LATERAL (
    SELECT CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_attribute AS a
                             JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relname = 'pg_stat_statements'
                             WHERE c.relnamespace = e.extnamespace AND a.attname = 'mean_exec_time')
                THEN 'exec_time' ELSE 'time' END AS time
) AS v
WHERE e.extname = 'pg_stat_statements' AND pg_catalog.current_setting('pg_stat_statements.max', true) IS NOT NULL
)
SELECT NULL::pg_catalog.text AS severity, coalesce('queryid ' || r.queryid, 'a statement of another role') AS object,
       pg_catalog.format('%s calls, %s ms each, %s s in all: %s', r.calls, pg_catalog.round(r.mean::pg_catalog.numeric, 1),
                         pg_catalog.round(r.total::pg_catalog.numeric / 1000, 1), r.query) AS evidence,
       NULL::pg_catalog.text AS sql
FROM made AS m
CROSS JOIN LATERAL pg_catalog.query_to_xml(pg_catalog.format($$
    SELECT pg_catalog.encode(pg_catalog.convert_to(coalesce(pg_catalog.json_agg(r)::pg_catalog.text, '[]'), 'UTF8'), 'hex') AS found
    FROM (SELECT s.queryid, s.calls, s.mean_%2$s AS mean, s.total_%2$s AS total,
                 pg_catalog.left(pg_catalog.regexp_replace(s.query, '\s+', ' ', 'g'), 120) AS query
          FROM %1$I.pg_stat_statements AS s
          JOIN pg_catalog.pg_database AS d ON d.oid = s.dbid AND d.datname = pg_catalog.current_database()
          WHERE s.calls >= 2 AND s.mean_%2$s >= 500
          ORDER BY s.total_%2$s DESC LIMIT 10) AS r$$, m.nspname, m.time), true, false, '') AS x
CROSS JOIN LATERAL pg_catalog.json_to_recordset(pg_catalog.convert_from(pg_catalog.decode(
        pg_catalog.substring(x::pg_catalog.text, '<found>([0-9a-f]*)</found>'), 'hex'), 'UTF8')::pg_catalog.json)
    AS r (queryid pg_catalog.int8, calls pg_catalog.int8, mean pg_catalog.float8, total pg_catalog.float8, query pg_catalog.text)
ORDER BY r.total DESC;
