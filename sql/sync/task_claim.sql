-- A piece that nobody works on, or whose worker's lease has ended; of the entity at hand where there is one. Only for who reads
-- the snapshot of the attempt.
-- params: uuid, uuid, text, bigint, text, text
-- columns: run text!, number bigint!, kind text!, leaf bigint, first_block bigint, end_block bigint, change bigint, entity text!,
--   mapping text!, checkpoint text!, analysis text!, attempts bigint!
WITH next AS (
    SELECT k.run_id, k.number, c.entity_type, c.mapping_id, c.analysis_id, p.id AS checkpoint
    FROM godwit.sync_tasks k
    JOIN godwit.migration_control c ON c.run_id = k.run_id
    JOIN godwit.migration_checkpoints p ON p.migration_run_id = c.run_id
    JOIN godwit.migration_status_tracking t ON t.migration_session_id = c.migration_session_id
    WHERE c.migration_session_id = $1::pg_catalog.uuid AND c.status = 'running' AND c.attempt = t.attempt
      AND t.overall_status = 'running' AND t.wanted IS NULL AND t.snapshot_name = $6::pg_catalog.text
      AND (k.state = 'pending' OR (k.state = 'claimed' AND k.lease_until < pg_catalog.clock_timestamp()))
    ORDER BY c.entity_type = $5::pg_catalog.text DESC, c.created_at, c.run_id, k.number
    LIMIT 1
    FOR UPDATE OF k SKIP LOCKED)
UPDATE godwit.sync_tasks k
SET state = 'claimed', worker = $2::pg_catalog.uuid, worker_host = $3::pg_catalog.text, attempts = k.attempts + 1,
    lease_until = pg_catalog.clock_timestamp() + $4::pg_catalog.int8 * interval '1 millisecond'
FROM next n
WHERE k.run_id = n.run_id AND k.number = n.number
RETURNING k.run_id::pg_catalog.text AS run, k.number, k.kind::pg_catalog.text AS kind, k.leaf::pg_catalog.int8 AS leaf,
          k.first_block, k.end_block, k.change, n.entity_type AS entity,
          n.mapping_id::pg_catalog.text AS mapping, n.checkpoint::pg_catalog.text AS checkpoint,
          n.analysis_id::pg_catalog.text AS analysis, k.attempts::pg_catalog.int8 AS attempts
