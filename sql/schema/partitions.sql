-- Which table is a partition of which, and for what.
-- params: none
-- columns: oid oid!, parent oid!, name text!, of_table text!, bound text!
SELECT c.oid, c.oid AS parent, 'partition' AS name, i.inhparent::pg_catalog.regclass::text AS of_table,
       pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS bound
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid
WHERE c.relispartition AND c.relkind IN ('r', 'p', 'f') AND c.oid >= 16384
ORDER BY c.oid::pg_catalog.regclass::text COLLATE "C";
