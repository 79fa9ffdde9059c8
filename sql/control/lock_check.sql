-- Is the lock this run's?
-- params: text
-- columns: token text
SELECT token FROM godwit.run_lock
WHERE name = 'run' AND token = $1 AND (mode = 'session' OR expires_at > pg_catalog.clock_timestamp());
