-- Items of pallets in stages.
-- params: text
-- columns: id bigint!, tracker text!, pallet_name text!, stage_id bigint!, stage_name text!, items_processed bigint!,
--   total_items bigint!, failed_items bigint!, last_updated timestamptz!
SELECT p.id, p.tracker, p.pallet_name, p.stage_id, s.stage_name, p.items_processed, p.total_items, p.failed_items,
       p.last_updated
FROM godwit.live_pallet_migration_counters p
JOIN godwit.migration_stages s ON s.id = p.stage_id
WHERE $1::pg_catalog.text IS NULL OR p.tracker = $1
ORDER BY p.tracker, p.stage_id, p.pallet_name
