-- A run of another session that has applied an analysis.
-- params: uuid, uuid
-- columns: session text!
SELECT c.migration_session_id::pg_catalog.text AS session
FROM godwit.migration_control c
JOIN godwit.differential_analysis_results r ON r.id = c.analysis_id
WHERE (r.id = $1::pg_catalog.uuid OR r.analysis_metadata ->> 'applies' = $1::pg_catalog.uuid::pg_catalog.text)
  AND c.status = 'completed' AND c.migration_session_id IS DISTINCT FROM $2::pg_catalog.uuid
ORDER BY c.ended_at LIMIT 1
