-- Rows of the batch that were gone once: their fingerprints in the destination then.
-- params: text
-- columns: number bigint!, print bigint!
SELECT s.gw_n AS number, d.destination_hash AS print
FROM pg_temp.gw_stage s
JOIN godwit.sync_departed d ON d.entity_type = $1::pg_catalog.text AND d.key = s.gw_key
