-- A mapping, registered: not active yet.
-- params: uuid, text, text, text, jsonb, jsonb, jsonb, text, text, text, text, jsonb, jsonb
-- columns: none
INSERT INTO godwit.schema_mapping_definitions (id, entity_type, source_table, destination_table, field_mappings, validation_rules,
    transformation_functions, version, body, body_hash, script, described, compiled)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);
