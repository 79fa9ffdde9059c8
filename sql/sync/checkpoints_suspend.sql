-- Checkpoints of a session's runs (of one run; NULL: of all) wait. Batches that are being committed are waited for.
-- params: uuid, uuid
-- columns: none
UPDATE godwit.migration_checkpoints SET state = 'suspended'
WHERE migration_session_id = $1::pg_catalog.uuid AND state = 'active'
  AND ($2::pg_catalog.uuid IS NULL OR migration_run_id = $2::pg_catalog.uuid)
