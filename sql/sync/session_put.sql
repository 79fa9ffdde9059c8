-- A new session, which has not begun.
-- params: uuid, text[], jsonb
-- columns: none
INSERT INTO godwit.migration_status_tracking (id, migration_session_id, overall_status, entities_pending, options)
VALUES ($1::pg_catalog.uuid, $1::pg_catalog.uuid, 'pending', $2::pg_catalog.text[], $3::pg_catalog.jsonb)
