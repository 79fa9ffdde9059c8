-- The destination of a first load held no row.
-- params: text
-- columns: none
UPDATE godwit.sync_loads SET was_empty = true WHERE entity_type = $1::pg_catalog.text
