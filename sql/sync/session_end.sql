-- A session is paused, or ends: completed, failed. NULL for a coordinator: whoever it was.
-- params: uuid, uuid, text, text, jsonb, jsonb
-- columns: none
UPDATE godwit.migration_status_tracking t
SET overall_status = $3::pg_catalog.text, reason = $4::pg_catalog.text,
    error_summary = t.error_summary || coalesce($5::pg_catalog.jsonb, '{}'),
    performance_metrics = t.performance_metrics || coalesce($6::pg_catalog.jsonb, '{}'),
    wanted = NULL, snapshot_name = NULL, options = t.options - 'snapshot', coordinator = NULL, lease_until = NULL,
    estimated_completion = NULL,
    total_records_processed = greatest(t.total_records_processed, s.processed),
    total_records_remaining = CASE WHEN $3::pg_catalog.text = 'completed' THEN 0 ELSE s.remaining END,
    entities_pending = CASE WHEN $3::pg_catalog.text = 'failed' THEN '{}' ELSE t.entities_pending || t.entities_running END,
    entities_running = '{}',
    entities_failed = CASE WHEN $3::pg_catalog.text = 'failed' THEN t.entities_failed || t.entities_pending || t.entities_running
                           ELSE t.entities_failed END
FROM (SELECT coalesce(pg_catalog.sum(c.records_new + c.records_modified + c.records_deleted + c.records_rejected), 0)
                 ::pg_catalog.int8 AS processed,
             coalesce(pg_catalog.sum(c.records_remaining) FILTER (WHERE c.status IN ('running', 'paused')), 0)
                 ::pg_catalog.int8 AS remaining
      FROM godwit.migration_control c WHERE c.migration_session_id = $1::pg_catalog.uuid) s
WHERE t.migration_session_id = $1::pg_catalog.uuid
  AND ($2::pg_catalog.uuid IS NULL OR t.coordinator = $2::pg_catalog.uuid)
