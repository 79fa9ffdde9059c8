-- A run has done all that its analysis found. Rows whose second pass failed were counted as written: they are rejected.
-- params: uuid, uuid
-- columns: new bigint!, modified bigint!, deleted bigint!, rejected bigint!
UPDATE godwit.migration_control c
SET status = 'completed', records_remaining = 0, records_rejected = c.records_rejected + q.rejected,
    records_modified = greatest(c.records_modified - q.rejected, 0),
    records_new = greatest(c.records_new - greatest(q.rejected - c.records_modified, 0), 0)
FROM godwit.migration_status_tracking t,
     (SELECT pg_catalog.count(*) AS rejected FROM godwit.sync_rejects r
      WHERE r.run_id = $1::pg_catalog.uuid AND r.rule = 'second pass') q
WHERE c.run_id = $1::pg_catalog.uuid AND c.status = 'running' AND t.migration_session_id = c.migration_session_id
  AND t.coordinator = $2::pg_catalog.uuid
RETURNING c.records_new AS new, c.records_modified AS modified, c.records_deleted AS deleted, c.records_rejected AS rejected
