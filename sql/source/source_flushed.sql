-- How far the log is on disk.
-- params: none
-- columns: position bigint!
SELECT (pg_catalog.pg_current_wal_flush_lsn() - '0/0'::pg_catalog.pg_lsn)::pg_catalog.int8 AS position;
