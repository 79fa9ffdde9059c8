-- A key that the source spells otherwise by now keeps its id.
-- params: text, text, text
-- columns: none
UPDATE godwit.migration_mappings m SET legacy_id = $3::pg_catalog.text
WHERE m.entity_type = $1::pg_catalog.text AND m.legacy_id = $2::pg_catalog.text
  AND NOT EXISTS (SELECT FROM godwit.migration_mappings o
                  WHERE o.entity_type = $1::pg_catalog.text AND o.legacy_id = $3::pg_catalog.text)
