-- Tables with more than twice the dead rows at which autovacuum should have come, by the settings of the table or the
-- server.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT NULL::pg_catalog.text AS severity,
       pg_catalog.format('%I.%I', s.schemaname, s.relname) AS object,
       pg_catalog.format('%s dead rows beside %s live ones, where autovacuum comes at %s; %s', s.n_dead_tup, s.n_live_tup,
                         v.at_rows, coalesce('vacuumed last ' || pg_catalog.to_char(
                             greatest(s.last_vacuum, s.last_autovacuum), 'YYYY-MM-DD HH24:MI'), 'never vacuumed')) AS evidence,
       pg_catalog.format('VACUUM (ANALYZE) %I.%I', s.schemaname, s.relname) AS sql
FROM pg_catalog.pg_stat_user_tables AS s
JOIN pg_catalog.pg_class AS c ON c.oid = s.relid
CROSS JOIN LATERAL (
    SELECT (coalesce(pg_catalog.max(o.option_value) FILTER (WHERE o.option_name = 'autovacuum_vacuum_threshold'),
                     pg_catalog.current_setting('autovacuum_vacuum_threshold'))::pg_catalog.numeric
            + coalesce(pg_catalog.max(o.option_value) FILTER (WHERE o.option_name = 'autovacuum_vacuum_scale_factor'),
                       pg_catalog.current_setting('autovacuum_vacuum_scale_factor'))::pg_catalog.numeric
              * greatest(c.reltuples, 0)::pg_catalog.numeric)::pg_catalog.int8 AS at_rows
    FROM pg_catalog.pg_options_to_table(c.reloptions) AS o
) AS v
WHERE s.n_dead_tup >= 10000 AND s.n_dead_tup > 2 * v.at_rows
ORDER BY s.n_dead_tup DESC;
