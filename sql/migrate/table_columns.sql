-- The columns of a table: $1 schema, $2 table.
-- params: text, text
-- columns: name text!, type text!
SELECT a.attname::pg_catalog.text AS name, pg_catalog.format_type(a.atttypid, NULL) AS type
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1::pg_catalog.text AND c.relname = $2::pg_catalog.text AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum;
