-- Is there a table with anything in it, and database $1?
-- params: text
-- columns: rows boolean!, database boolean!
SELECT EXISTS (SELECT FROM pg_catalog.pg_class AS c
               JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
               WHERE c.relkind = 'r' AND n.nspname NOT IN ('information_schema', 'godwit')
                 AND n.nspname !~ '^pg_' AND pg_catalog.pg_relation_size(c.oid) > 0) AS rows,
       EXISTS (SELECT FROM pg_catalog.pg_database AS d
               WHERE d.datname = $1::pg_catalog.text::pg_catalog.name) AS database;
