-- Runs of a session that have not ended (one of them; NULL: all) are paused or fail.
-- params: uuid, uuid, text, jsonb
-- columns: none
UPDATE godwit.migration_control SET status = $3::pg_catalog.text, error = $4::pg_catalog.jsonb
WHERE migration_session_id = $1::pg_catalog.uuid AND ($2::pg_catalog.uuid IS NULL OR run_id = $2::pg_catalog.uuid)
  AND CASE $3::pg_catalog.text WHEN 'paused' THEN status = 'running' ELSE status IN ('pending', 'running', 'paused') END
