-- Has an entity an id map?
-- params: text
-- columns: here boolean!
SELECT pg_catalog.to_regclass('godwit.' || godwit.id_map_name($1::pg_catalog.text)) IS NOT NULL AS here
