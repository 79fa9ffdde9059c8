-- How long (ms) a lock has to be waited for until the server has looked who is in the way: autovacuum gives way then. And how long locks are waited for else.
-- params: none
-- columns: wait_ms bigint!, else_ms bigint!
SELECT max(s.setting::pg_catalog.int8) FILTER (WHERE s.name = 'deadlock_timeout') + 1000 AS wait_ms,
       max(s.setting::pg_catalog.int8) FILTER (WHERE s.name = 'lock_timeout') AS else_ms
FROM pg_catalog.pg_settings AS s
WHERE s.name IN ('deadlock_timeout', 'lock_timeout');
