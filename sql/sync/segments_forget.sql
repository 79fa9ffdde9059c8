-- Remove what is kept of an entity: of one leaf, or (NULL) of all.
-- params: text, bigint
-- columns: none
DELETE FROM godwit.sync_segments s
WHERE s.entity_type = $1::pg_catalog.text
  AND ($2::pg_catalog.int8 IS NULL OR s.leaf = $2::pg_catalog.int8::pg_catalog.oid)
