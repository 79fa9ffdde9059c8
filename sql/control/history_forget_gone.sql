-- Take away the rows that history_read passes over: those of a tenant's schema that is gone.
-- params: text
-- columns: rows bigint
WITH forgotten AS (DELETE FROM godwit.migrations WHERE tenant = $1 AND EXISTS (
    SELECT FROM (SELECT details FROM godwit.migrations WHERE tenant = $1
                 ORDER BY applied_at DESC LIMIT 1) last
    JOIN pg_catalog.pg_namespace n ON n.nspname = $1
    WHERE last.details->>'schema_held' = 'true' AND last.details->>'schema_oid' <> n.oid::pg_catalog.text
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype = 'n' AND d.refobjid = n.oid
                      AND d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass))
    RETURNING version)
SELECT pg_catalog.count(*) AS rows FROM forgotten;
