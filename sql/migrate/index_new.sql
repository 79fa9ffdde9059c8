-- Indexes of a table that were not there before ($2: oids with commas between).
-- params: text, text
-- columns: schema name, name name, valid boolean
SELECT n.nspname AS schema, c.relname AS name, i.indisvalid AS valid
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE i.indrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)::pg_catalog.oid
  AND i.indexrelid::pg_catalog.text OPERATOR(pg_catalog.<>)
      ALL (pg_catalog.string_to_array($2, ','));
