-- The schemas that an unqualified name is looked up in, first one first.
-- params: none
-- columns: name text!
SELECT s.name::pg_catalog.text AS name
FROM pg_catalog.unnest(pg_catalog.current_schemas(true)) WITH ORDINALITY AS s (name, n)
ORDER BY s.n;
