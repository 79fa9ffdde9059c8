-- Rows that runs of an entity in a session have written and refused in the second pass: they were counted as written and are not.
-- params: uuid, text
-- columns: none
WITH refused AS (
    UPDATE godwit.sync_later l SET run_id = NULL
    FROM godwit.sync_rejects q, godwit.migration_control c
    WHERE c.migration_session_id = $1::pg_catalog.uuid AND c.entity_type = $2::pg_catalog.text AND l.run_id = c.run_id
      AND l.entity_type = c.entity_type AND q.entity_type = l.entity_type AND q.key = l.key AND q.rule = 'second pass'
      AND q.run_id = l.run_id
    RETURNING c.run_id, l.added),
counted AS (
    SELECT r.run_id, pg_catalog.count(*) FILTER (WHERE r.added) AS new, pg_catalog.count(*) FILTER (WHERE NOT r.added) AS modified
    FROM refused r GROUP BY r.run_id)
UPDATE godwit.migration_control c
SET records_new = greatest(c.records_new - n.new, 0), records_modified = greatest(c.records_modified - n.modified, 0)
FROM counted n
WHERE c.run_id = n.run_id
