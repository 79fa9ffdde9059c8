-- The schemas that hold a table named $1: those of the list $2 first, in its order. $3: look in
-- that schema only, or NULL.
-- params: text, text[], text
-- columns: schema_name text!, rank integer
SELECT n.nspname::pg_catalog.text AS schema_name, pg_catalog.array_position($2::pg_catalog.text[], n.nspname::pg_catalog.text) AS rank
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = $1::pg_catalog.text AND c.relkind IN ('r', 'p')
  AND n.nspname <> 'godwit' AND n.nspname !~ '^pg_(toast_)?temp_'
  AND ($3::pg_catalog.text IS NULL OR n.nspname = $3::pg_catalog.text)
ORDER BY rank NULLS LAST, schema_name;
