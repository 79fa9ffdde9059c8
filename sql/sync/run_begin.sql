-- A run begins, or goes on in another attempt: with what its analysis found.
-- params: uuid, uuid, uuid, bigint, bigint, jsonb
-- columns: none
UPDATE godwit.migration_control
SET status = 'running', mapping_id = $2::pg_catalog.uuid, analysis_id = $3::pg_catalog.uuid, attempt = $4::pg_catalog.int8,
    records_remaining = $5::pg_catalog.int8, mark = $6::pg_catalog.jsonb
WHERE run_id = $1::pg_catalog.uuid
