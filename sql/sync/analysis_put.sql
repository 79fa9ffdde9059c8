-- An analysis begins: its figures come at its end.
-- params: uuid, uuid, text, text, uuid
-- columns: none
INSERT INTO godwit.differential_analysis_results (id, analysis_group, entity_type, kind, mapping_id, analysis_timestamp,
    source_record_count, destination_record_count, method, last_migration_timestamp)
SELECT $1::pg_catalog.uuid, $2::pg_catalog.uuid, $3::pg_catalog.text, $4::pg_catalog.text, $5::pg_catalog.uuid,
       greatest(pg_catalog.clock_timestamp(), last.at + '1 microsecond'::pg_catalog.interval), 0, 0,
       CASE WHEN $4::pg_catalog.text = 'detection' THEN 'checksum' END, last.at
FROM (SELECT pg_catalog.max(c.ended_at) AS at FROM godwit.migration_control c
      WHERE c.entity_type = $3::pg_catalog.text AND c.status = 'completed' AND NOT c.imported) last
