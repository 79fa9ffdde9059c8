-- The schema in which a table named $1 is found without a schema before its name; where there is
-- none, the one in which it would be made. Runs with the search_path of the role and database,
-- so nothing in it may depend on that.
-- params: text
-- columns: schema_name text, is_there boolean!
SELECT COALESCE((SELECT n.nspname::pg_catalog.text
                 FROM pg_catalog.pg_class c, pg_catalog.pg_namespace n
                 WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(
                           pg_catalog.quote_ident($1::pg_catalog.text))
                   AND n.oid OPERATOR(pg_catalog.=) c.relnamespace),
                pg_catalog.current_schema()::pg_catalog.text) AS schema_name,
       pg_catalog.to_regclass(pg_catalog.quote_ident($1::pg_catalog.text)) IS NOT NULL AS is_there;
