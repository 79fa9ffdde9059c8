-- Tables that upkeep has detached from a partitioned one and not dropped yet, by the mark in their comment.
-- params: text
-- columns: oid oid!, schema text!, name text!, comment text!
SELECT c.oid, n.nspname::pg_catalog.text AS schema, c.relname::pg_catalog.text AS name, d.description AS comment
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_description AS d ON d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objoid = c.oid AND d.objsubid = 0
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND pg_catalog.strpos(d.description, $1) > 0
ORDER BY c.oid;
