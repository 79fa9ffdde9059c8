-- The tables that hold the rows of one, itself where it is not partitioned; names quoted.
-- params: oid
-- columns: name text!
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
FROM (SELECT $1::pg_catalog.oid AS oid
      UNION
      SELECT t.relid FROM pg_catalog.pg_partition_tree($1::pg_catalog.oid::pg_catalog.regclass) AS t) AS tree
JOIN pg_catalog.pg_class AS c ON c.oid = tree.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind <> 'p'
ORDER BY c.oid;
