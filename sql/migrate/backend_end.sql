-- End a backend of an earlier run that is idle: its client is gone, or lost the run lock.
-- params: integer
-- columns: ended boolean
SELECT pg_catalog.pg_terminate_backend($1::pg_catalog.int4) AS ended;
