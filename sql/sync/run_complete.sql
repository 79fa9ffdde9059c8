-- A run has done all that its analysis found.
-- params: uuid, uuid
-- columns: new bigint!, modified bigint!, deleted bigint!, rejected bigint!
UPDATE godwit.migration_control c
SET status = 'completed', records_remaining = 0
FROM godwit.migration_status_tracking t
WHERE c.run_id = $1::pg_catalog.uuid AND c.status = 'running' AND t.migration_session_id = c.migration_session_id
  AND t.coordinator = $2::pg_catalog.uuid
RETURNING c.records_new AS new, c.records_modified AS modified, c.records_deleted AS deleted, c.records_rejected AS rejected
