-- Sessions: one of them, or (NULL) those that have not ended, the newest first.
-- params: uuid
-- columns: id text!, status text!, attempt bigint!, wanted text, snapshot text, host text, pid bigint, alive boolean!,
--   pending text!, running text!, completed text!, failed text!, reason text, options text!
SELECT migration_session_id::pg_catalog.text AS id, overall_status AS status, attempt::pg_catalog.int8 AS attempt, wanted,
       snapshot_name AS snapshot, coordinator_host AS host, coordinator_pid AS pid,
       coalesce(lease_until > pg_catalog.clock_timestamp(), false) AS alive,
       pg_catalog.to_json(entities_pending)::pg_catalog.text AS pending,
       pg_catalog.to_json(entities_running)::pg_catalog.text AS running,
       pg_catalog.to_json(entities_completed)::pg_catalog.text AS completed,
       pg_catalog.to_json(entities_failed)::pg_catalog.text AS failed, reason, options::pg_catalog.text AS options
FROM godwit.migration_status_tracking
WHERE migration_session_id = $1::pg_catalog.uuid
   OR ($1::pg_catalog.uuid IS NULL AND overall_status IN ('pending', 'running', 'paused') AND NOT imported)
ORDER BY created_at DESC, id DESC
