-- An index by its name in the schema of a table ($1, $2; on whichever table it is), or by its own
-- name ($3); names are quoted and seen by the session's search_path. No row: it is not there.
-- params: text, name, text
-- columns: id oid, schema name, name name, valid boolean, on_table text, same_table boolean, definition text
SELECT i.indexrelid AS id, n.nspname AS schema, c.relname AS name, i.indisvalid AS valid,
       pg_catalog.format('%I.%I', n.nspname, t.relname) AS on_table,
       COALESCE(i.indrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)::pg_catalog.oid, false) AS same_table,
       pg_catalog.pg_get_indexdef(i.indexrelid) AS definition
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid
JOIN pg_catalog.pg_class AS t ON t.oid OPERATOR(pg_catalog.=) i.indrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE (c.relname OPERATOR(pg_catalog.=) $2::pg_catalog.name
       AND c.relnamespace OPERATOR(pg_catalog.=) (
           SELECT s.relnamespace FROM pg_catalog.pg_class AS s
           WHERE s.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)::pg_catalog.oid))
   OR i.indexrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($3)::pg_catalog.oid;
