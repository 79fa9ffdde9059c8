-- What the snapshot of this transaction sees, and how far the log is after it was taken.
-- params: none
-- columns: xmin bigint!, position bigint
-- min: 13
SELECT pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::pg_catalog.text::pg_catalog.int8 AS xmin,
       CASE WHEN NOT pg_catalog.pg_is_in_recovery()
            THEN (pg_catalog.pg_current_wal_insert_lsn() - '0/0'::pg_catalog.pg_lsn)::pg_catalog.int8 END AS position;
