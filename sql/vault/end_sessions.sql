-- The other sessions of a database are ended; how many are left.
-- params: text
-- columns: ended bigint!
SELECT pg_catalog.count(pg_catalog.pg_terminate_backend(a.pid)) AS ended
FROM pg_catalog.pg_stat_activity AS a
WHERE a.datname = $1::pg_catalog.text AND a.pid <> pg_catalog.pg_backend_pid();
