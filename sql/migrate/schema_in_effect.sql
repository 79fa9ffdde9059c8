-- Behind a statement of a tenant's file: where the search_path is as it was given ($1) and the role is the session's
-- own ($3), names without a schema are still made in the tenant's schema ($2). Else this fails (22P02): somebody may
-- rename or drop the schema, or take USAGE on it away, at any time, and the search_path then passes it over.
-- params: text, oid, text
-- columns: holds boolean
SELECT CASE WHEN pg_catalog.current_setting('search_path') OPERATOR(pg_catalog.=) $1
             AND current_user::pg_catalog.text OPERATOR(pg_catalog.=) $3
             AND COALESCE(pg_catalog.to_regnamespace(pg_catalog.quote_ident(pg_catalog.current_schema()::pg_catalog.text))
                          ::pg_catalog.oid OPERATOR(pg_catalog.<>) $2, true)
            THEN pg_catalog.concat('the schema of the tenant is not in effect for ', $3)::pg_catalog.bool
            ELSE true END AS holds;
