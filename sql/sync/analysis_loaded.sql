-- What an analysis of a first load has found is known when it is loaded.
-- params: uuid, bigint
-- columns: none
UPDATE godwit.differential_analysis_results
SET source_record_count = $2::pg_catalog.int8, new_count = $2::pg_catalog.int8
WHERE id = $1::pg_catalog.uuid
