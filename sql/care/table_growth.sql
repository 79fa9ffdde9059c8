-- The ten largest tables with their indexes and TOAST, and how they have grown since statistics began. A table that
-- somebody holds exclusively is passed over: its size would have to wait.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT NULL::pg_catalog.text AS severity,
       pg_catalog.format('%I.%I', s.schemaname, s.relname) AS object,
       pg_catalog.format('%s with indexes and TOAST, about %s rows; %s inserted and %s deleted since %s',
                         pg_catalog.pg_size_pretty(z.bytes), s.n_live_tup, s.n_tup_ins, s.n_tup_del,
                         coalesce(pg_catalog.to_char(d.stats_reset, 'YYYY-MM-DD'), 'statistics began')) AS evidence,
       NULL::pg_catalog.text AS sql
FROM pg_catalog.pg_stat_user_tables AS s
JOIN pg_catalog.pg_stat_database AS d ON d.datname = pg_catalog.current_database()
CROSS JOIN LATERAL (
    SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM pg_catalog.pg_locks AS l
                                 WHERE l.locktype = 'relation' AND l.relation = s.relid AND l.database = d.datid
                                   AND l.granted AND l.mode = 'AccessExclusiveLock')
                THEN pg_catalog.pg_total_relation_size(s.relid) END AS bytes
) AS z
WHERE z.bytes >= 10 * 1024 * 1024
ORDER BY z.bytes DESC
LIMIT 10;
