-- A session runs: for the first time, or again with what its last attempt did not bring to its end. Every entity is looked at
-- under this attempt's snapshot.
-- params: uuid, uuid, text, bigint, bigint, text[]
-- columns: attempt bigint!
UPDATE godwit.migration_status_tracking t
SET overall_status = 'running', wanted = NULL, reason = NULL, snapshot_name = NULL,
    attempt = CASE WHEN t.overall_status = 'pending' THEN t.attempt ELSE t.attempt + 1 END,
    coordinator = $2::pg_catalog.uuid, coordinator_host = $3::pg_catalog.text, coordinator_pid = $4::pg_catalog.int8,
    lease_until = pg_catalog.clock_timestamp() + $5::pg_catalog.int8 * interval '1 millisecond',
    entities_pending = $6::pg_catalog.text[], entities_running = '{}', entities_failed = '{}',
    entities_completed = coalesce((SELECT pg_catalog.array_agg(e ORDER BY e) FROM unnest(t.entities_completed) e
                                   WHERE e <> ALL ($6::pg_catalog.text[])), '{}'),
    estimated_completion = NULL
WHERE t.migration_session_id = $1::pg_catalog.uuid AND t.overall_status IN ('pending', 'running', 'paused')
RETURNING t.attempt::pg_catalog.int8 AS attempt
