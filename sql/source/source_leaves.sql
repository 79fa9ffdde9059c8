-- What holds the rows: the table itself, or the leaves of a partitioned one, with their file nodes.
-- params: bigint
-- columns: oid bigint!, schema text!, name text!, kind text!, file_node bigint, unlogged boolean!
SELECT c.oid::bigint AS oid, n.nspname::text AS schema, c.relname::text AS name, c.relkind::text AS kind,
       pg_catalog.pg_relation_filenode(c.oid)::bigint AS file_node, c.relpersistence = 'u' AS unlogged
FROM pg_catalog.pg_class r
CROSS JOIN LATERAL (SELECT r.oid AS relid WHERE r.relkind <> 'p'
                    UNION ALL SELECT p.relid FROM pg_catalog.pg_partition_tree(r.oid) p WHERE r.relkind = 'p' AND p.isleaf) l
JOIN pg_catalog.pg_class c ON c.oid = l.relid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE r.oid = $1::bigint::oid
ORDER BY c.oid;
