-- Streams of a tracker that have been counted, all of them or the one of a name.
-- params: text, text
-- columns: id bigint!, name text!, position bigint!, lines bigint!, digest text!
SELECT s.id, s.name, s.position, s.lines, s.digest
FROM godwit.tracker_sources s
WHERE s.tracker = $1 AND s.position > 0 AND ($2::pg_catalog.text IS NULL OR s.name = $2)
ORDER BY s.position, s.id
