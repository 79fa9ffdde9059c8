-- Who has the run lock, for people.
-- params: none
-- columns: actor text, host text, command text, backend_pid integer, mode text, held_ms bigint
SELECT actor, host, command, backend_pid, mode,
       (extract(epoch FROM clock_timestamp() - acquired_at) * 1000)::bigint AS held_ms
FROM godwit.run_lock
WHERE name = 'run' AND token IS NOT NULL;
