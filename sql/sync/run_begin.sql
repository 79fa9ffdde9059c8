-- A run begins, or goes on in another attempt: with what its analysis found. What the entity's runs in this session have rejected
-- comes once more.
-- params: uuid, uuid, uuid, bigint, bigint, jsonb
-- columns: none
WITH before AS (
    UPDATE godwit.migration_control c SET records_rejected = 0
    FROM godwit.migration_control o
    WHERE o.run_id = $1::pg_catalog.uuid AND c.migration_session_id = o.migration_session_id AND c.entity_type = o.entity_type
      AND c.run_id <> o.run_id AND c.records_rejected <> 0)
UPDATE godwit.migration_control
SET status = 'running', mapping_id = $2::pg_catalog.uuid, analysis_id = $3::pg_catalog.uuid, attempt = $4::pg_catalog.int8,
    records_remaining = $5::pg_catalog.int8, mark = $6::pg_catalog.jsonb, records_rejected = 0
WHERE run_id = $1::pg_catalog.uuid
