-- Extend a lease. No row: it is another's by now.
-- params: text, bigint
-- columns: token text
UPDATE godwit.run_lock
SET expires_at = pg_catalog.clock_timestamp() + $2::bigint * interval '1 millisecond'
WHERE name = 'run' AND token = $1
RETURNING token;
