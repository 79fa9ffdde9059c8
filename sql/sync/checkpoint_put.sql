-- The checkpoint of a run.
-- params: uuid, text, uuid, uuid, uuid, uuid, bigint
-- columns: none
INSERT INTO godwit.migration_checkpoints (id, entity_type, migration_run_id, migration_session_id, analysis_id, mapping_id,
                                          records_remaining)
VALUES ($1::pg_catalog.uuid, $2::pg_catalog.text, $3::pg_catalog.uuid, $4::pg_catalog.uuid, $5::pg_catalog.uuid,
        $6::pg_catalog.uuid, $7::pg_catalog.int8)
