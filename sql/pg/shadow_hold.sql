-- Say that a run lives: its token is locked for as long as this session is open.
-- params: bigint
-- columns: held boolean!
-- min: 12
SELECT pg_catalog.pg_try_advisory_lock($1::pg_catalog.int8) AS held;
