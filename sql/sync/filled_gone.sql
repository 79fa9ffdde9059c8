-- Rows of the batch that are deleted refer to nothing any more.
-- params: text
-- columns: none
DELETE FROM godwit.sync_filled f
USING pg_temp.gw_gone g
WHERE f.entity_type = $1::pg_catalog.text AND f.key = g.gw_key
  AND NOT EXISTS (SELECT FROM pg_temp.gw_bad b WHERE b.gw_n = g.gw_n)
