-- Stages of one tracker, or of all.
-- params: text
-- columns: id bigint!, tracker text!, stage_name text!, status text!, started_at timestamptz, completed_at timestamptz,
--   error_count bigint!, last_updated timestamptz!, paused boolean!, note text
SELECT s.id, s.tracker, s.stage_name, s.status::pg_catalog.text AS status, s.started_at, s.completed_at, s.error_count,
       s.last_updated, s.paused, s.note
FROM godwit.live_migration_stages s
WHERE $1::pg_catalog.text IS NULL OR s.tracker = $1
ORDER BY s.tracker, s.started_at NULLS LAST, s.id
