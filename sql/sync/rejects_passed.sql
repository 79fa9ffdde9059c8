-- Rows of the batch that were rejected before and now are through leave the quarantine.
-- params: text
-- columns: none
DELETE FROM godwit.sync_rejects q
USING (SELECT gw_n, gw_key FROM pg_temp.gw_stage UNION ALL SELECT gw_n, gw_key FROM pg_temp.gw_gone) s
WHERE q.entity_type = $1::pg_catalog.text AND q.key = s.gw_key
  AND NOT EXISTS (SELECT FROM pg_temp.gw_bad b WHERE b.gw_n = s.gw_n AND b.kind <> 'keep')
