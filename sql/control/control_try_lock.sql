-- Only one first run makes or upgrades the tables. Transaction-scoped.
-- params: bigint
-- columns: locked boolean
SELECT pg_catalog.pg_try_advisory_xact_lock($1) AS locked;
