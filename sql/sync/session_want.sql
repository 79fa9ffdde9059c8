-- Somebody wants a session that runs to be paused or cancelled.
-- params: uuid, text, text
-- columns: none
UPDATE godwit.migration_status_tracking SET wanted = $2::pg_catalog.text, reason = $3::pg_catalog.text
WHERE migration_session_id = $1::pg_catalog.uuid AND overall_status = 'running'
