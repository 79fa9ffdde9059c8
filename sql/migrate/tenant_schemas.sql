-- Schemas whose names match a pattern: one a tenant. Never those of the system or of Godwit.
-- params: text
-- columns: name name, schema_oid oid!
SELECT n.nspname AS name, n.oid AS schema_oid
  FROM pg_catalog.pg_namespace AS n
 WHERE n.nspname OPERATOR(pg_catalog.~~) $1
   AND n.nspname OPERATOR(pg_catalog.!~) '^pg_'
   AND n.nspname OPERATOR(pg_catalog.<>) ALL (ARRAY['information_schema', 'godwit'])
 ORDER BY n.nspname;
