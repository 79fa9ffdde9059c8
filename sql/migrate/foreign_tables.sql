-- The tables with one of the names $1 that this role may read. $2: only those of that schema, or
-- NULL. Behind a pooler it runs with the role's search_path, so nothing in it may depend on that.
-- params: text[], text
-- columns: schema_name text!, table_name text!
SELECT n.nspname::pg_catalog.text AS schema_name, c.relname::pg_catalog.text AS table_name
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE c.relname::pg_catalog.text OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[])
  AND c.relkind IN ('r', 'p')
  AND n.nspname::pg_catalog.text OPERATOR(pg_catalog.<>) 'godwit'
  AND n.nspname::pg_catalog.text OPERATOR(pg_catalog.!~) '^pg_(toast_)?temp_'
  AND ($2::pg_catalog.text IS NULL
       OR n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) $2::pg_catalog.text)
  AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
  AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
ORDER BY 1, 2;
