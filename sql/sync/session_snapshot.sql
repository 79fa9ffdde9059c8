-- The snapshot that an attempt reads: workers elsewhere join it by this.
-- params: uuid, uuid, text, jsonb
-- columns: none
UPDATE godwit.migration_status_tracking
SET snapshot_name = $3::pg_catalog.text, options = options || pg_catalog.jsonb_build_object('snapshot', $4::pg_catalog.jsonb)
WHERE migration_session_id = $1::pg_catalog.uuid AND coordinator = $2::pg_catalog.uuid
