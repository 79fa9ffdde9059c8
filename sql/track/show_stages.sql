-- Stages of one tracker, or of all, in the order in which they began; of one batch of blocks, in that of the blocks.
-- params: text
-- columns: id bigint!, tracker text!, stage_name text!, status text!, started_at timestamptz, completed_at timestamptz,
--   error_count bigint!, last_updated timestamptz!, paused boolean!, note text
SELECT s.id, s.tracker, s.stage_name, s.status::pg_catalog.text AS status, s.started_at, s.completed_at, s.error_count,
       s.last_updated, s.paused, s.note
FROM godwit.live_migration_stages s
LEFT JOIN LATERAL (SELECT t.number, t.place FROM godwit.tracker_steps t JOIN godwit.tracker_blocks b USING (tracker, chain, number, hash)
                   WHERE t.tracker = s.tracker AND t.stage_name = s.stage_name AND b.live
                   ORDER BY t.number, t.place LIMIT 1) f ON true
WHERE $1::pg_catalog.text IS NULL OR s.tracker = $1
ORDER BY s.tracker, s.started_at NULLS LAST, f.number, f.place, s.id
