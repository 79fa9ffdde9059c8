-- Every table with rows of its own and its columns, by number: the same thing keeps its number whatever
-- it is called. up: the table that it is a partition of.
-- params: none
-- columns: oid oid!, number integer!, schema text!, name text!, column_name text!, up oid
SELECT c.oid, a.attnum::pg_catalog.int4 AS number, n.nspname::pg_catalog.text AS schema,
       c.relname::pg_catalog.text AS name, a.attname::pg_catalog.text AS column_name,
       (SELECT i.inhparent FROM pg_catalog.pg_inherits AS i
        WHERE i.inhrelid = c.oid AND c.relispartition LIMIT 1) AS up
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                                 AND a.attgenerated = ''
WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_'
  AND n.nspname NOT IN ('information_schema', 'godwit')
ORDER BY c.oid, a.attnum;
