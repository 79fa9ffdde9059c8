-- The first statement of each transaction of a run: how long it waits for a lock ($1), the run lock's
-- fence ($2), and, where they are not NULL, how long a statement may take ($3), the search_path ($4) and
-- whether its commit waits for the disk ($5). What is not said stays as role and database have it. It fails
-- (22P02) where names without a schema would not be made in the tenant's schema ($6, its OID): the
-- search_path passes over what is gone or may not be used.
-- params: text, text, text, text, text, oid
-- columns: lock_timeout text, fence void, statement_timeout text, search_path text,
--          synchronous_commit text, holds boolean
SELECT pg_catalog.set_config('lock_timeout', $1, true) AS lock_timeout,
       godwit.fence($2) AS fence,
       CASE WHEN $3::pg_catalog.text IS NOT NULL
            THEN pg_catalog.set_config('statement_timeout', $3, true) END AS statement_timeout,
       CASE WHEN $4::pg_catalog.text IS NOT NULL
            THEN pg_catalog.set_config('search_path', $4, true) END AS search_path,
       CASE WHEN $5::pg_catalog.text IS NOT NULL
            THEN pg_catalog.set_config('synchronous_commit', $5, true) END AS synchronous_commit,
       CASE WHEN $6::pg_catalog.oid IS NOT NULL
             AND COALESCE(pg_catalog.to_regnamespace(pg_catalog.quote_ident(pg_catalog.current_schema()::pg_catalog.text))
                          ::pg_catalog.oid OPERATOR(pg_catalog.<>) $6, true)
            THEN pg_catalog.concat('the schema of the tenant is not in effect for ', current_user)::pg_catalog.bool
            ELSE true END AS holds;
