-- Is a backend that we knew once still there, and what is it doing? A pid is used again: it is the
-- same backend where it started at the time we knew (NULL: any). started_at is NULL where this
-- role may not see it; the row is there even so.
-- params: integer, timestamptz
-- columns: pid integer!, started_at timestamptz, state text, query text, transaction_ms bigint
-- min: 12
SELECT a.pid AS pid,
       a.backend_start AS started_at,
       a.state AS state,
       a.query AS query,
       (EXTRACT(epoch FROM pg_catalog.clock_timestamp() - a.xact_start) * 1000)::pg_catalog.int8
           AS transaction_ms
  FROM pg_catalog.pg_stat_activity AS a
 WHERE a.pid = $1::pg_catalog.int4
   AND (a.backend_start IS NULL OR $2::pg_catalog.timestamptz IS NULL
        OR a.backend_start = $2::pg_catalog.timestamptz);
