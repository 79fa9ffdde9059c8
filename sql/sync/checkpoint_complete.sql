-- A run's checkpoint is behind it.
-- params: uuid
-- columns: none
UPDATE godwit.migration_checkpoints SET state = 'completed', records_remaining = 0 WHERE id = $1::pg_catalog.uuid
