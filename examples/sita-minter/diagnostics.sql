-- The guide's questions to a database that is slow. Two of them did not run, or only in the schema public: a name is
-- no table, and neither is a column of information_schema one.

-- name: index_usage
SELECT schemaname, relname AS table_name, indexrelname AS index_name, idx_scan, idx_tup_read, idx_tup_fetch
  FROM pg_stat_user_indexes
 ORDER BY idx_scan, schemaname, indexrelname;

-- name: table_sizes
SELECT n.nspname AS schema_name, c.relname AS table_name,
       pg_size_pretty(pg_total_relation_size(c.oid)) AS total_size
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'godwit')
   AND n.nspname NOT LIKE 'pg\_toast%' AND n.nspname NOT LIKE 'pg\_temp%'
 ORDER BY pg_total_relation_size(c.oid) DESC;

-- Of a table without an index idx_scan is NULL, and of a small one a sequential scan says nothing.
-- name: missing_indexes
SELECT schemaname, relname AS table_name, seq_scan, coalesce(idx_scan, 0) AS idx_scan,
       pg_size_pretty(pg_relation_size(relid)) AS table_size
  FROM pg_stat_user_tables
 WHERE seq_scan > coalesce(idx_scan, 0) AND n_live_tup > 10000
 ORDER BY seq_tup_read DESC;

-- name: long_running_queries
SELECT pid, usename, now() - query_start AS duration, query
  FROM pg_stat_activity
 WHERE state = 'active' AND now() - query_start > interval '1 minute'
 ORDER BY duration DESC;
