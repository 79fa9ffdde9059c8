-- Every worker of autovacuum is at work while tables wait for one. What other roles' processes are is hidden without
-- pg_monitor.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT NULL::pg_catalog.text AS severity, 'autovacuum' AS object,
       pg_catalog.format('all %s workers are busy, and %s tables of this database wait', w.most, t.waiting) AS evidence,
       NULL::pg_catalog.text AS sql
FROM (SELECT pg_catalog.current_setting('autovacuum_max_workers')::pg_catalog.int8 AS most,
             (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity AS a
              WHERE a.backend_type = 'autovacuum worker') AS busy) AS w
CROSS JOIN (
    SELECT pg_catalog.count(*) AS waiting
    FROM pg_catalog.pg_stat_user_tables AS s JOIN pg_catalog.pg_class AS c ON c.oid = s.relid
    WHERE s.n_dead_tup > pg_catalog.current_setting('autovacuum_vacuum_threshold')::pg_catalog.numeric
                         + pg_catalog.current_setting('autovacuum_vacuum_scale_factor')::pg_catalog.numeric
                           * greatest(c.reltuples, 0)::pg_catalog.numeric
) AS t
WHERE w.busy >= w.most AND t.waiting > w.most;
