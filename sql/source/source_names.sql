-- Tables that a name may have meant: of every schema that is not the system's.
-- params: none
-- columns: schema text!, name text!
SELECT n.nspname::text AS schema, c.relname::text AS name
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND n.nspname !~ '^pg_'
      AND n.nspname NOT IN ('information_schema', 'godwit')
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C";
