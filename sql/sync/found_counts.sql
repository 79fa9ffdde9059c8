-- What an analysis has found.
-- params: uuid, bigint, bigint, bigint, bigint, bigint, bigint
-- columns: none
UPDATE godwit.differential_analysis_results
SET source_record_count = $2::pg_catalog.int8, destination_record_count = $3::pg_catalog.int8, new_count = $4::pg_catalog.int8,
    modified_count = $5::pg_catalog.int8, deleted_count = $6::pg_catalog.int8, estimated_duration_ms = $7::pg_catalog.int8
WHERE id = $1::pg_catalog.uuid
