-- Sessions that move rows, as stages: a row an entity of each session that is not over, and of the newest one.
-- params: none
-- columns: id bigint!, tracker text!, stage_name text!, status text!, started_at timestamptz, completed_at timestamptz,
--   error_count bigint!, last_updated timestamptz!, paused boolean!, note text, done bigint!, total bigint!
SELECT pg_catalog.row_number() OVER (ORDER BY s.created_at, c.created_at, c.entity_type) AS id,
       'sync ' || pg_catalog."left"(s.migration_session_id::pg_catalog.text, 8) AS tracker, c.entity_type AS stage_name,
       CASE c.status WHEN 'running' THEN 'ongoing' WHEN 'paused' THEN 'ongoing' ELSE c.status END AS status, c.started_at,
       c.ended_at AS completed_at, c.records_rejected AS error_count, c.updated_at AS last_updated,
       c.status = 'paused' AS paused, c.error ->> 'message' AS note,
       c.records_new + c.records_modified + c.records_deleted AS done,
       c.records_new + c.records_modified + c.records_deleted + c.records_rejected + c.records_remaining AS total
FROM godwit.migration_status_tracking s
JOIN godwit.migration_control c USING (migration_session_id)
WHERE NOT s.imported AND (s.overall_status IN ('pending', 'running', 'paused')
      OR s.created_at = (SELECT pg_catalog.max(n.created_at) FROM godwit.migration_status_tracking n WHERE NOT n.imported))
ORDER BY s.created_at, c.created_at, c.entity_type
