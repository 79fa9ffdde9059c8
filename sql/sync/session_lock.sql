-- One runs the sessions of a database: a lock of the session, without waiting.
-- params: bigint
-- columns: locked boolean!
SELECT pg_catalog.pg_try_advisory_lock($1) AS locked
