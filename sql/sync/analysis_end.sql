-- The figures of an analysis. The time is reckoned from the last runs of the entity; of all, where it had none.
-- params: uuid, bigint, bigint, bigint, bigint, bigint, text, text, jsonb, jsonb, bigint
-- columns: none
UPDATE godwit.differential_analysis_results r
SET source_record_count = greatest($2::pg_catalog.int8, $4::pg_catalog.int8 + $5::pg_catalog.int8),
    destination_record_count = $3::pg_catalog.int8, new_count = $4::pg_catalog.int8, modified_count = $5::pg_catalog.int8,
    deleted_count = $6::pg_catalog.int8, method = $7::pg_catalog.text, why = $8::pg_catalog.text,
    mark = $9::pg_catalog.jsonb, analysis_metadata = coalesce($10::pg_catalog.jsonb, '{}'::pg_catalog.jsonb),
    estimated_duration_ms = (
        SELECT pg_catalog.ceil(greatest($4::pg_catalog.int8 + $5::pg_catalog.int8 + $6::pg_catalog.int8,
                                        $11::pg_catalog.int8) * past.ms / past.rows)::pg_catalog.int8
        FROM (SELECT c.entity_type = r.entity_type AS own, pg_catalog.sum(c.rows) AS rows, pg_catalog.sum(c.ms) AS ms
              FROM (SELECT m.entity_type, m.records_new + m.records_modified + m.records_deleted AS rows,
                           extract(epoch FROM m.ended_at - m.started_at)::pg_catalog.numeric * 1000 AS ms,
                           pg_catalog.row_number() OVER (PARTITION BY m.entity_type ORDER BY m.ended_at DESC) AS place
                    FROM godwit.migration_control m
                    WHERE m.status = 'completed' AND NOT m.imported AND m.ended_at > m.started_at) c
              WHERE c.place <= 5 AND c.rows > 0
              GROUP BY 1) past
        ORDER BY past.own DESC
        LIMIT 1)
WHERE r.id = $1::pg_catalog.uuid
