-- Claim the row of the run lock, where nobody alive has it and no transaction of an earlier
-- holder is still open (SKIP LOCKED: that one has it FOR KEY SHARE). Never waits.
-- params: text, text, text, text, text, bigint, bigint
-- columns: token text
UPDATE godwit.run_lock
SET token = $1, mode = $2, backend_pid = pg_catalog.pg_backend_pid(), actor = $3, host = $4, command = $5,
    acquired_at = pg_catalog.clock_timestamp(),
    expires_at = CASE WHEN $2 = 'lease' THEN pg_catalog.clock_timestamp() + $6::bigint * interval '1 millisecond' END
WHERE name = (
    SELECT name FROM godwit.run_lock
    WHERE name = 'run'
      AND (token IS NULL
           OR (mode = 'lease' AND expires_at < pg_catalog.clock_timestamp())
           OR (mode = 'session' AND ($2 = 'session' OR NOT EXISTS (
                  SELECT FROM pg_catalog.pg_locks
                  WHERE locktype = 'advisory' AND granted
                    AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
                    AND classid = (($7::bigint >> 32) & 4294967295)::pg_catalog.text::pg_catalog.oid
                    AND objid = ($7::bigint & 4294967295)::pg_catalog.text::pg_catalog.oid AND objsubid = 1))))
    FOR UPDATE SKIP LOCKED)
RETURNING token;
