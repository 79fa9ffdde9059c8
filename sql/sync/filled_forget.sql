-- A first load into an empty table: nothing is filled there.
-- params: text
-- columns: none
DELETE FROM godwit.sync_filled f WHERE f.entity_type = $1::pg_catalog.text
