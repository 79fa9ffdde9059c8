-- The first of what was postponed is there again.
-- params: text
-- columns: none
UPDATE godwit.sync_loads SET postponed = postponed[2:] WHERE entity_type = $1::pg_catalog.text
