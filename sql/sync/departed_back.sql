-- Rows of the batch that are back.
-- params: text
-- columns: none
DELETE FROM godwit.sync_departed d
USING pg_temp.gw_stage s
WHERE d.entity_type = $1::pg_catalog.text AND d.key = s.gw_key
  AND NOT EXISTS (SELECT FROM pg_temp.gw_bad b WHERE b.gw_n = s.gw_n AND b.kind <> 'keep')
