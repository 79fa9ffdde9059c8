-- How far the slowest replica is behind, as far as this role may see it.
-- params: none
-- columns: lag_ms bigint
SELECT (extract(epoch FROM pg_catalog.max(replay_lag)) * 1000)::pg_catalog.int8 AS lag_ms FROM pg_catalog.pg_stat_replication
