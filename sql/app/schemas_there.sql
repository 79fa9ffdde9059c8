-- The schemas of a database that are neither PostgreSQL's nor Godwit's.
-- params: none
-- columns: name text!
-- min: 12
SELECT n.nspname::pg_catalog.text AS name
  FROM pg_catalog.pg_namespace AS n
 WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'godwit')
 ORDER BY n.nspname
