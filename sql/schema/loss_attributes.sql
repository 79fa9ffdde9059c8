-- Columns whose type is composite type $1, in tables.
-- params: bigint
-- columns: schema text!, name text!, column_name text!
SELECT n.nspname::pg_catalog.text AS schema, c.relname::pg_catalog.text AS name,
       a.attname::pg_catalog.text AS column_name
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') AND NOT c.relispartition
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE a.atttypid = $1::pg_catalog.int8::pg_catalog.oid AND NOT a.attisdropped
ORDER BY schema, name, a.attnum;
