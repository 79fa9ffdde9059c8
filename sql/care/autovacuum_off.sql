-- Autovacuum, or the counting that it lives by, is off: for the server, or for a table.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT 'error' AS severity, g.name::pg_catalog.text AS object, 'is off for the whole server' AS evidence,
       pg_catalog.format('ALTER SYSTEM SET %I = on; SELECT pg_reload_conf()', g.name) AS sql
FROM pg_catalog.unnest(ARRAY['autovacuum', 'track_counts']) AS g (name)
WHERE pg_catalog.current_setting(g.name) = 'off'
UNION ALL
SELECT NULL, pg_catalog.format('%I.%I', n.nspname, c.relname), 'autovacuum is off for this table',
       pg_catalog.format('ALTER TABLE %I.%I RESET (autovacuum_enabled)', n.nspname, c.relname)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace,
LATERAL pg_catalog.pg_options_to_table(c.reloptions) AS o
WHERE c.relkind IN ('r', 'm') AND o.option_name = 'autovacuum_enabled'
  AND pg_catalog.lower(o.option_value) IN ('off', 'false', '0', 'no', 'f', 'n', 'of', 'fa', 'fal', 'fals')
ORDER BY 1, 2;
