-- Rows of the batch that were rejected before and now are through leave the quarantine; where there is a second pass, what was said
-- of a row in it is for it to take back.
-- params: text, boolean
-- columns: none
DELETE FROM godwit.sync_rejects q
USING (SELECT gw_n, gw_key FROM pg_temp.gw_stage UNION ALL SELECT gw_n, gw_key FROM pg_temp.gw_gone) s
WHERE q.entity_type = $1::pg_catalog.text AND q.key = s.gw_key
  AND NOT EXISTS (SELECT FROM pg_temp.gw_bad b WHERE b.gw_n = s.gw_n AND b.kind <> 'keep')
  AND NOT ($2::pg_catalog.bool AND s.gw_n > 0 AND q.rule IS NOT DISTINCT FROM 'second pass')
