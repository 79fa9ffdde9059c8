-- A session lock by key, without waiting.
-- params: bigint
-- columns: locked boolean
SELECT pg_catalog.pg_try_advisory_lock($1) AS locked;
