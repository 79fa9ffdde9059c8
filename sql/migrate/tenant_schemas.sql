-- Schemas whose names match a pattern: one a tenant. Never those of the system or of Godwit.
-- params: text
-- columns: name name
SELECT nspname AS name FROM pg_namespace
WHERE nspname LIKE $1 AND nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'godwit')
ORDER BY nspname;
