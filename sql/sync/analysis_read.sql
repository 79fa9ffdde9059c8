-- Analyses by their id, or by that of the call that made them.
-- params: uuid
-- columns: id text!, analysis_group text!, entity text!, kind text!, mapping_id text!, method text, why text, metadata text!,
--   mark text, made_at timestamptz!, last_run_at timestamptz, source_rows bigint!, destination_rows bigint!, added bigint!,
--   modified bigint!, deleted bigint!, changes bigint!, percentage text!, estimated_ms bigint
SELECT r.id::pg_catalog.text AS id, r.analysis_group::pg_catalog.text AS analysis_group, r.entity_type AS entity, r.kind,
       r.mapping_id::pg_catalog.text AS mapping_id, r.method, r.why, r.analysis_metadata::pg_catalog.text AS metadata,
       r.mark::pg_catalog.text AS mark, r.analysis_timestamp AS made_at, r.last_migration_timestamp AS last_run_at,
       r.source_record_count AS source_rows, r.destination_record_count AS destination_rows, r.new_count AS added,
       r.modified_count AS modified, r.deleted_count AS deleted, r.total_changes AS changes,
       r.change_percentage::pg_catalog.text AS percentage, r.estimated_duration_ms AS estimated_ms
FROM godwit.differential_analysis_results r
WHERE r.id = $1::pg_catalog.uuid OR r.analysis_group = $1::pg_catalog.uuid
ORDER BY r.created_at, r.id
