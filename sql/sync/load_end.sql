-- A first load has ended.
-- params: text
-- columns: none
DELETE FROM godwit.sync_loads WHERE entity_type = $1::pg_catalog.text AND postponed = '{}'::pg_catalog.text[]
