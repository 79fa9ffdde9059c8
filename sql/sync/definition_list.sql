-- Registered mappings: all (NULL), or an entity's; the newest last.
-- params: text
-- columns: id text!, entity text!, version text!, active boolean!, source_table text!, destination_table text!, body text!,
--   body_hash text!, script text, described text!, compiled text, created_at timestamptz!, updated_at timestamptz!
SELECT id::text AS id, entity_type AS entity, version, is_active AS active, source_table, destination_table, body, body_hash,
       script, described::text AS described, compiled::text AS compiled, created_at, updated_at
FROM godwit.schema_mapping_definitions
WHERE $1::text IS NULL OR entity_type = $1
ORDER BY entity_type COLLATE "C", created_at, id;
