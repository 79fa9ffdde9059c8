-- How far the slowest replica is behind, as far as this role may see it.
-- params: none
-- columns: lag_ms bigint
SELECT (extract(epoch FROM max(replay_lag)) * 1000)::bigint AS lag_ms FROM pg_stat_replication;
