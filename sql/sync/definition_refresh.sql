-- The same text again: the two sides are as they are now.
-- params: uuid, jsonb, jsonb
-- columns: none
UPDATE godwit.schema_mapping_definitions SET described = $2, compiled = coalesce($3, compiled) WHERE id = $1;
