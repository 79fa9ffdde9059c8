-- Teleports: amounts as text.
-- params: text
-- columns: id bigint!, tracker text!, total_mints bigint!, total_burns bigint!, total_mint_amount text!,
--   total_burn_amount text!, failed_operations bigint!, last_updated timestamptz!
SELECT t.id, t.tracker, t.total_mints, t.total_burns, t.total_mint_amount::pg_catalog.text AS total_mint_amount,
       t.total_burn_amount::pg_catalog.text AS total_burn_amount, t.failed_operations, t.last_updated
FROM godwit.live_teleportation_counters t
WHERE $1::pg_catalog.text IS NULL OR t.tracker = $1
ORDER BY t.tracker
