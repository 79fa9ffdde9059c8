-- An analysis that a run makes for itself: what it finds follows.
-- params: uuid, uuid, text, uuid, text, text, jsonb
-- columns: none
INSERT INTO godwit.differential_analysis_results (id, analysis_group, entity_type, kind, mapping_id, analysis_timestamp,
    source_record_count, destination_record_count, method, why, mark, last_migration_timestamp)
SELECT $1::pg_catalog.uuid, $2::pg_catalog.uuid, $3::pg_catalog.text, 'detection', $4::pg_catalog.uuid,
       pg_catalog.clock_timestamp(), 0, 0, $5::pg_catalog.text, $6::pg_catalog.text, $7::pg_catalog.jsonb,
       (SELECT pg_catalog.max(c.ended_at) FROM godwit.migration_control c
        WHERE c.entity_type = $3::pg_catalog.text AND c.status = 'completed' AND NOT c.imported)
