-- Rows (the planner's estimate; -1 where it was never analyzed) and bytes with indexes and TOAST of
-- each table; of a partitioned one, those of its partitions.
-- params: none
-- columns: schema text!, name text!, rows int8!, bytes int8!
SELECT n.nspname::text AS schema, c.relname::text AS name,
       CASE WHEN c.relkind = 'p'
            THEN coalesce((SELECT sum(greatest(p.reltuples, 0)) FROM pg_catalog.pg_partition_tree(c.oid) t
                           JOIN pg_catalog.pg_class p ON p.oid = t.relid WHERE t.isleaf), 0)
            ELSE c.reltuples END::int8 AS rows,
       CASE WHEN c.relkind = 'p'
            THEN coalesce((SELECT sum(pg_catalog.pg_total_relation_size(t.relid))
                           FROM pg_catalog.pg_partition_tree(c.oid) t), 0)
            ELSE coalesce(pg_catalog.pg_total_relation_size(c.oid), 0) END::int8 AS bytes
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND c.oid >= 16384 AND n.nspname NOT LIKE 'pg\_%';
