-- Let go of the row.
-- params: text
-- columns: none
UPDATE godwit.run_lock SET token = NULL, mode = NULL, backend_pid = NULL, expires_at = NULL
WHERE name = 'run' AND token = $1;
