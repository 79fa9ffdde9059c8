-- Are changes of a table ($1) captured for another one of its schema ($2), and how far is that one ($3: its name)?
-- params: oid, text, text
-- columns: prepared boolean!, place text
SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = $1 AND g.tgname = 'godwit_capture' AND NOT g.tgisinternal) AS prepared,
       (SELECT pg_catalog.obj_description(c.oid, 'pg_class') FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = $2::pg_catalog.text AND c.relname = $3::pg_catalog.text) AS place;
