-- Replicas that are behind by more than $1 milliseconds or by 64 MB of log; asked on a replica, itself.
-- params: bigint
-- columns: severity text, object text!, evidence text!, sql text
SELECT NULL::pg_catalog.text AS severity,
       coalesce(nullif(r.application_name, ''), 'pid ' || r.pid) AS object,
       pg_catalog.format('%s of log behind%s', pg_catalog.pg_size_pretty(l.bytes),
                         coalesce(', ' || pg_catalog.date_trunc('second', r.replay_lag), '')) AS evidence,
       NULL::pg_catalog.text AS sql
FROM pg_catalog.pg_stat_replication AS r
CROSS JOIN LATERAL (
    SELECT CASE WHEN NOT pg_catalog.pg_is_in_recovery()
                THEN pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), r.replay_lsn) END AS bytes
) AS l
WHERE l.bytes >= 64 * 1024 * 1024
   OR (l.bytes > 0 AND r.replay_lag > $1::pg_catalog.int8 * '1 ms'::pg_catalog.interval)
UNION ALL
SELECT NULL, 'this replica',
       pg_catalog.format('%s of log received and not replayed; the last change it shows is of %s',
                         pg_catalog.pg_size_pretty(l.bytes), pg_catalog.pg_last_xact_replay_timestamp())
       , NULL
FROM (SELECT CASE WHEN pg_catalog.pg_is_in_recovery()
                  THEN pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn()) END
             AS bytes) AS l
WHERE l.bytes >= 64 * 1024 * 1024
   OR (l.bytes > 0 AND pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp()
                       > $1::pg_catalog.int8 * '1 ms'::pg_catalog.interval)
ORDER BY 2;
