-- A run, which has not begun.
-- params: uuid, uuid, text, uuid, uuid, bigint
-- columns: none
INSERT INTO godwit.migration_control (run_id, migration_session_id, entity_type, mapping_id, analysis_id, attempt)
VALUES ($1::pg_catalog.uuid, $2::pg_catalog.uuid, $3::pg_catalog.text, $4::pg_catalog.uuid, $5::pg_catalog.uuid,
        $6::pg_catalog.int8)
