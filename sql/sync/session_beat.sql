-- The coordinator lives: its lease and those of its workers' pieces are longer again, and the session's totals are those of its runs.
-- No row: another one has taken over.
-- params: uuid, uuid, bigint, uuid[], double precision, bigint
-- columns: wanted text, processed bigint!, remaining bigint!
WITH kept AS (
    UPDATE godwit.sync_tasks
    SET lease_until = pg_catalog.clock_timestamp() + $3::pg_catalog.int8 * interval '1 millisecond'
    WHERE state = 'claimed' AND worker = ANY ($4::pg_catalog.uuid[])),
sums AS (
    SELECT coalesce(pg_catalog.sum(c.records_new + c.records_modified + c.records_deleted + c.records_rejected), 0)
               ::pg_catalog.int8 AS processed,
           coalesce(pg_catalog.sum(c.records_remaining) FILTER (WHERE c.status IN ('running', 'paused')), 0)
               ::pg_catalog.int8 AS remaining
    FROM godwit.migration_control c WHERE c.migration_session_id = $1::pg_catalog.uuid)
UPDATE godwit.migration_status_tracking t
SET lease_until = pg_catalog.clock_timestamp() + $3::pg_catalog.int8 * interval '1 millisecond',
    total_records_processed = greatest(t.total_records_processed, s.processed),
    total_records_remaining = s.remaining,
    estimated_completion = CASE WHEN $5::pg_catalog.float8 > 0 AND s.remaining > 0
        THEN pg_catalog.clock_timestamp() + interval '1 second'
             + least(s.remaining / $5::pg_catalog.float8, 1e9) * interval '1 second' END,
    performance_metrics = t.performance_metrics || pg_catalog.jsonb_build_object(
        'rows_per_second', pg_catalog.round($5::pg_catalog.float8::pg_catalog.numeric, 1),
        'workers', $6::pg_catalog.int8)
FROM sums s
WHERE t.migration_session_id = $1::pg_catalog.uuid AND t.coordinator = $2::pg_catalog.uuid AND t.overall_status = 'running'
RETURNING t.wanted, t.total_records_processed AS processed, t.total_records_remaining AS remaining
