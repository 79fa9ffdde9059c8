-- An entity of a session is pending, running, completed or failed.
-- params: uuid, text, text
-- columns: none
UPDATE godwit.migration_status_tracking
SET entities_pending = pg_catalog.array_remove(entities_pending, $2::pg_catalog.text)
        || CASE WHEN $3::pg_catalog.text = 'pending' THEN ARRAY[$2::pg_catalog.text] ELSE '{}' END,
    entities_running = pg_catalog.array_remove(entities_running, $2::pg_catalog.text)
        || CASE WHEN $3::pg_catalog.text = 'running' THEN ARRAY[$2::pg_catalog.text] ELSE '{}' END,
    entities_completed = pg_catalog.array_remove(entities_completed, $2::pg_catalog.text)
        || CASE WHEN $3::pg_catalog.text = 'completed' THEN ARRAY[$2::pg_catalog.text] ELSE '{}' END,
    entities_failed = pg_catalog.array_remove(entities_failed, $2::pg_catalog.text)
        || CASE WHEN $3::pg_catalog.text = 'failed' THEN ARRAY[$2::pg_catalog.text] ELSE '{}' END
WHERE migration_session_id = $1::pg_catalog.uuid
