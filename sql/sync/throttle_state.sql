-- What may hold a run up: how far the slowest replica is behind, as far as this role may see it, and how many others are at work.
-- params: none
-- columns: lag_ms bigint, active bigint!
SELECT (SELECT (extract(epoch FROM pg_catalog.max(r.replay_lag)) * 1000)::pg_catalog.int8 FROM pg_catalog.pg_stat_replication r) AS lag_ms,
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity a
        WHERE a.state = 'active' AND a.backend_type = 'client backend' AND a.application_name <> 'godwit'
          AND a.pid <> pg_catalog.pg_backend_pid()) AS active
