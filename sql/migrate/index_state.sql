-- An index by its table and name, or by its own name; names are quoted and seen by the session's
-- search_path. No row: it is not there.
-- params: text, name, text
-- columns: schema name, name name, valid boolean
SELECT n.nspname AS schema, c.relname AS name, i.indisvalid AS valid
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE (i.indrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)::pg_catalog.oid
       AND c.relname OPERATOR(pg_catalog.=) $2::pg_catalog.name)
   OR i.indexrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($3)::pg_catalog.oid;
