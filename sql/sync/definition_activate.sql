-- This one is; the others are not any more.
-- params: uuid
-- columns: none
UPDATE godwit.schema_mapping_definitions SET is_active = true WHERE id = $1;
