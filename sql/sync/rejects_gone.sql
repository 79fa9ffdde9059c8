-- Of these rejected keys, those that the source no longer has leave the quarantine.
-- params: text, text[]
-- columns: key text!
DELETE FROM godwit.sync_rejects q
WHERE q.entity_type = $1::pg_catalog.text AND q.key = ANY ($2::pg_catalog.text[]) AND q.source_hash IS NOT NULL
  AND NOT EXISTS (SELECT FROM pg_temp.gw_stage s WHERE s.gw_key = q.key)
RETURNING q.key
