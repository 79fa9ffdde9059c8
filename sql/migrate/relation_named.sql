-- Relations of a name ($1), those first that are found without a schema: in the schema $2 or, where that
-- is NULL, in any; or, $3, in the schema of that table (quoted as it has to be); of a tenant, in its own ($4) or
-- in public.
-- params: name, name, text, name
-- columns: kind text, schema name, name name, owner name, definition text
SELECT COALESCE('{"r": "a table", "p": "a partitioned table", "v": "a view", "m": "a materialized view",
                 "S": "a sequence", "f": "a foreign table", "c": "a composite type"}'::pg_catalog.jsonb
                OPERATOR(pg_catalog.->>) c.relkind::pg_catalog.text, 'an index') AS kind,
       n.nspname AS schema, c.relname AS name, pg_catalog.pg_get_userbyid(c.relowner) AS owner,
       CASE WHEN c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['i', 'I']::pg_catalog."char"[]) THEN pg_catalog.pg_get_indexdef(c.oid) END AS definition
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE c.relname OPERATOR(pg_catalog.=) $1::pg_catalog.name
  AND NOT pg_catalog.starts_with(n.nspname::pg_catalog.text, 'pg_t')
  AND ($2::pg_catalog.name IS NULL OR n.nspname OPERATOR(pg_catalog.=) $2)
  AND ($3::pg_catalog.text IS NULL OR c.relnamespace OPERATOR(pg_catalog.=) (
           SELECT s.relnamespace FROM pg_catalog.pg_class AS s
           WHERE s.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($3)::pg_catalog.oid))
  AND ($4::pg_catalog.name IS NULL OR n.nspname OPERATOR(pg_catalog.=) ANY (ARRAY[$4, 'public']))
ORDER BY n.nspname OPERATOR(pg_catalog.=) $4 DESC, pg_catalog.pg_table_is_visible(c.oid) DESC, n.nspname
LIMIT 3;
