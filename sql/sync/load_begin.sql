-- A first load of an entity begins: the first worker to come writes its row, the others find it.
-- params: text
-- columns: none
INSERT INTO godwit.sync_loads (entity_type, was_empty) VALUES ($1::pg_catalog.text, false)
ON CONFLICT (entity_type) DO NOTHING
