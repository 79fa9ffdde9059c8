-- Whether a database holds nothing that somebody made: no relation, function, type or schema, no extension but plpgsql.
-- params: none
-- columns: empty boolean!
SELECT NOT EXISTS (SELECT 1 FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                   WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')
   AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
                   WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')
   AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
                   WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')
   AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace AS n
                   WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public'))
   AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_extension AS e WHERE e.extname <> 'plpgsql') AS empty;
