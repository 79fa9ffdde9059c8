-- What will be built after the rows.
-- params: text, text[]
-- columns: none
UPDATE godwit.sync_loads SET postponed = $2::pg_catalog.text[] WHERE entity_type = $1::pg_catalog.text
