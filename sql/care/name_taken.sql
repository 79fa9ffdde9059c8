-- Is there a relation, or a type, of that name in that schema?
-- params: text, text
-- columns: taken boolean!
SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
               WHERE n.nspname = $1::pg_catalog.text AND c.relname = $2::pg_catalog.text)
    OR EXISTS (SELECT 1 FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
               WHERE n.nspname = $1::pg_catalog.text AND t.typname = $2::pg_catalog.text) AS taken;
