-- Indexes of a table that were not there before ($2: oids with commas between).
-- params: text, text
-- columns: id oid, schema name, name name, valid boolean, on_table text, same_table boolean, definition text
SELECT i.indexrelid AS id, n.nspname AS schema, c.relname AS name, i.indisvalid AS valid,
       pg_catalog.format('%I.%I', n.nspname, t.relname) AS on_table, true AS same_table,
       pg_catalog.pg_get_indexdef(i.indexrelid) AS definition
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid
JOIN pg_catalog.pg_class AS t ON t.oid OPERATOR(pg_catalog.=) i.indrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE i.indrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)::pg_catalog.oid
  AND i.indexrelid::pg_catalog.text OPERATOR(pg_catalog.<>)
      ALL (pg_catalog.string_to_array($2, ','));
