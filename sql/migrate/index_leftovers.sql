-- What a broken REINDEX CONCURRENTLY leaves on one table: invalid indexes whose names end in
-- _ccnew or _ccold. The table by its quoted name ($1), or by that of one of its indexes ($2); or
-- all tables of a schema ($3), or of the database ($4).
-- params: text, text, name, boolean
-- columns: schema name, name name
SELECT n.nspname AS schema, c.relname AS name
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE NOT i.indisvalid
  AND c.relname::pg_catalog.text OPERATOR(pg_catalog.~) '_cc(new|old)[0-9]*$'
  AND (i.indrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)::pg_catalog.oid
       OR i.indrelid OPERATOR(pg_catalog.=) (
           SELECT x.indrelid FROM pg_catalog.pg_index AS x
           WHERE x.indexrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($2)::pg_catalog.oid)
       OR n.nspname OPERATOR(pg_catalog.=) $3::pg_catalog.name
       OR $4::pg_catalog.bool);
