-- A line of the log.
-- params: uuid, uuid, uuid, text, text, text, text, jsonb, jsonb, jsonb
-- columns: none
INSERT INTO godwit.migration_execution_logs (id, migration_session_id, checkpoint_id, entity_type, operation_type, log_level,
                                             message, error_details, performance_data, context_data)
VALUES ($1::pg_catalog.uuid, $2::pg_catalog.uuid, $3::pg_catalog.uuid, $4::pg_catalog.text, $5::pg_catalog.text,
        $6::pg_catalog.text, $7::pg_catalog.text, $8::pg_catalog.jsonb, $9::pg_catalog.jsonb,
        coalesce($10::pg_catalog.jsonb, '{}'))
