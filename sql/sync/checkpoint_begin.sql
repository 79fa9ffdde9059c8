-- A checkpoint goes on, with another analysis.
-- params: uuid, uuid, uuid, bigint
-- columns: none
UPDATE godwit.migration_checkpoints
SET state = 'active', analysis_id = $2::pg_catalog.uuid, mapping_id = $3::pg_catalog.uuid, records_remaining = $4::pg_catalog.int8
WHERE id = $1::pg_catalog.uuid
