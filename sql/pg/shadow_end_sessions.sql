-- End the sessions of a database; how many there still are.
-- params: text
-- columns: sessions bigint!
-- min: 12
SELECT pg_catalog.count(pg_catalog.pg_terminate_backend(a.pid)) AS sessions
  FROM pg_catalog.pg_stat_activity AS a
 WHERE a.datname = $1::pg_catalog.text
   AND a.pid <> pg_catalog.pg_backend_pid()
   AND a.backend_type = 'client backend';
