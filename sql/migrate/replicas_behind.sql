-- How far replicas are behind, as far as this role may see it. replay_lag is that of the newest change which each
-- has replayed: it stands still where a replica does, so a place of ours in the log is asked about, too.
-- params: text
-- columns: lag_ms bigint, behind boolean!, place text!, who text
SELECT (extract(epoch FROM pg_catalog.max(r.replay_lag)) * 1000)::pg_catalog.int8 AS lag_ms,
       coalesce(pg_catalog.bool_or(r.replay_lsn < $1::pg_catalog.text::pg_catalog.pg_lsn), false) AS behind,
       pg_catalog.pg_current_wal_lsn()::pg_catalog.text AS place,
       pg_catalog.string_agg(DISTINCT r.application_name, ', ' ORDER BY r.application_name) AS who
FROM pg_catalog.pg_stat_replication AS r
WHERE r.replay_lsn IS NOT NULL
