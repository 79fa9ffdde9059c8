-- Who waits for a lock in this database, and how long the longest of their statements has run.
-- params: none
-- columns: waiting bigint!, longest_ms bigint!
SELECT pg_catalog.count(*) AS waiting,
       coalesce(max(extract(epoch FROM clock_timestamp() - query_start) * 1000), 0)::bigint AS longest_ms
FROM pg_catalog.pg_stat_activity
WHERE datname = pg_catalog.current_database() AND wait_event_type = 'Lock';
