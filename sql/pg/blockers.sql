-- Who keeps a backend waiting for a lock: each blocker, what it runs, and since when. What another
-- role runs is only seen by a member of pg_read_all_stats: query and the times are NULL then.
-- params: integer
-- columns: pid integer!, username text, application_name text, client text, state text,
--          query text, query_ms bigint, transaction_ms bigint, is_prepared boolean!
-- min: 12
SELECT b.pid AS pid,
       a.usename::pg_catalog.text AS username,
       NULLIF(a.application_name, '') AS application_name,
       pg_catalog.host(a.client_addr) AS client,
       a.state AS state,
       a.query AS query,
       (EXTRACT(epoch FROM pg_catalog.clock_timestamp() - a.query_start) * 1000)::pg_catalog.int8
           AS query_ms,
       (EXTRACT(epoch FROM pg_catalog.clock_timestamp() - a.xact_start) * 1000)::pg_catalog.int8
           AS transaction_ms,
       b.pid = 0 AS is_prepared
  FROM (SELECT DISTINCT p.pid
          FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids($1::pg_catalog.int4)) AS p (pid)) AS b
  LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = b.pid
 ORDER BY a.xact_start NULLS LAST, b.pid;
