-- Give a session lock back; false where it was not held by this backend.
-- params: bigint
-- columns: unlocked boolean
SELECT pg_catalog.pg_advisory_unlock($1) AS unlocked;
