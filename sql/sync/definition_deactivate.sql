-- No version of an entity is active.
-- params: text
-- columns: none
UPDATE godwit.schema_mapping_definitions SET is_active = false WHERE entity_type = $1 AND is_active;
