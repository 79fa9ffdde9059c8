-- Where the server is: asked before a snapshot is taken. No timeline can be had so on a standby.
-- params: none
-- columns: position bigint, timeline bigint!, at timestamptz!
SELECT CASE WHEN NOT pg_catalog.pg_is_in_recovery()
            THEN (pg_catalog.pg_current_wal_insert_lsn() - '0/0'::pg_catalog.pg_lsn)::pg_catalog.int8 END AS position,
       CASE WHEN pg_catalog.pg_is_in_recovery() THEN (pg_catalog.pg_control_checkpoint()).timeline_id::pg_catalog.int8
            ELSE ('x' || pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_insert_lsn()), 1, 8)
                 )::pg_catalog.bit(32)::pg_catalog.int8 END AS timeline,
       pg_catalog.clock_timestamp() AS at;
