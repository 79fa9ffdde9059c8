-- The relations of the person's that this transaction has locked for reading and that the role may lock by itself: what the
-- query before it reads.
-- params: none
-- columns: oid bigint!
SELECT c.oid::pg_catalog.int8 AS oid
FROM pg_catalog.pg_locks l
JOIN pg_catalog.pg_database d ON d.oid = l.database AND d.datname = pg_catalog.current_database()
JOIN pg_catalog.pg_class c ON c.oid = l.relation
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted AND c.relkind IN ('r', 'p', 'm', 'v')
  AND n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema'
  AND (c.relkind <> 'p' OR EXISTS (SELECT FROM pg_catalog.pg_partition_tree(c.oid) p WHERE p.isleaf))
  AND pg_catalog.has_table_privilege(c.oid, 'SELECT') AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
ORDER BY c.oid;
