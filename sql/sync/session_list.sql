-- Sessions, the newest first: all, one, or those of which the id begins so.
-- params: text, bigint
-- columns: id text!, status text!, wanted text, reason text, attempt bigint!, host text, pid bigint,
--   lease_until timestamptz, dead boolean!, imported boolean!, started_at timestamptz, completed_at timestamptz,
--   created_at timestamptz!, updated_at timestamptz!, processed bigint!, remaining bigint!, estimated_at timestamptz,
--   error text, metrics text!, options text!, pending text!, running text!, completed text!, failed text!, now timestamptz!
SELECT t.migration_session_id::pg_catalog.text AS id, t.overall_status AS status, t.wanted, t.reason,
       t.attempt::pg_catalog.int8 AS attempt, t.coordinator_host AS host, t.coordinator_pid AS pid, t.lease_until,
       (t.overall_status = 'running' AND coalesce(t.lease_until < pg_catalog.clock_timestamp(), true))
       OR (t.overall_status = 'pending' AND coalesce(t.lease_until < pg_catalog.clock_timestamp(), false)) AS dead,
       t.imported, t.started_at, t.completed_at, t.created_at, t.updated_at, t.total_records_processed AS processed,
       t.total_records_remaining AS remaining, t.estimated_completion AS estimated_at,
       nullif(t.error_summary::pg_catalog.text, '{}') AS error, t.performance_metrics::pg_catalog.text AS metrics,
       t.options::pg_catalog.text AS options,
       pg_catalog.to_jsonb(t.entities_pending)::pg_catalog.text AS pending,
       pg_catalog.to_jsonb(t.entities_running)::pg_catalog.text AS running,
       pg_catalog.to_jsonb(t.entities_completed)::pg_catalog.text AS completed,
       pg_catalog.to_jsonb(t.entities_failed)::pg_catalog.text AS failed,
       pg_catalog.clock_timestamp() AS now
FROM godwit.migration_status_tracking t
WHERE $1::pg_catalog.text IS NULL
   OR pg_catalog.starts_with(t.migration_session_id::pg_catalog.text, pg_catalog.lower($1::pg_catalog.text))
ORDER BY t.created_at DESC, t.migration_session_id DESC
LIMIT $2::pg_catalog.int8
