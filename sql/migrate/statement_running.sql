-- Is another session of this database still at this statement? (A server goes on after its
-- client is gone.) The text is compared as far as pg_stat_activity surely keeps it.
-- params: text
-- columns: pid integer, running_ms bigint
SELECT pid, pg_catalog.int8(pg_catalog.date_part('epoch', pg_catalog.timestamptz_mi(
           pg_catalog.clock_timestamp(), query_start)) OPERATOR(pg_catalog.*) 1000) AS running_ms
FROM pg_catalog.pg_stat_activity
WHERE datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
  AND state OPERATOR(pg_catalog.=) 'active'
  AND pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()
  AND pg_catalog."left"(query, 200) OPERATOR(pg_catalog.=) pg_catalog."left"($1, 200);
