-- A batch of a piece is applied: how far the piece is, what the run has done, and a line of the log, in the transaction of the rows.
-- No row: the piece is another worker's, or the run does not go on.
-- params: uuid, bigint, uuid, bigint, boolean, bigint, bigint, bigint, bigint, bigint, bigint, bigint, uuid, uuid, uuid, text,
--   text, jsonb, jsonb
-- columns: remaining bigint!
WITH task AS (
    UPDATE godwit.sync_tasks k
    SET first_block = CASE WHEN $5::pg_catalog.bool THEN k.first_block ELSE $4::pg_catalog.int8 END,
        state = CASE WHEN $5::pg_catalog.bool THEN 'done' ELSE k.state END,
        done_at = CASE WHEN $5::pg_catalog.bool THEN pg_catalog.clock_timestamp() END,
        lease_until = pg_catalog.clock_timestamp() + $6::pg_catalog.int8 * interval '1 millisecond'
    WHERE k.run_id = $1::pg_catalog.uuid AND k.number = $2::pg_catalog.int8 AND k.worker = $3::pg_catalog.uuid
      AND k.state = 'claimed'
    RETURNING k.run_id, k.change),
run AS (
    UPDATE godwit.migration_control c
    SET records_new = c.records_new + $7::pg_catalog.int8, records_modified = c.records_modified + $8::pg_catalog.int8,
        records_deleted = c.records_deleted + $9::pg_catalog.int8, records_rejected = c.records_rejected + $10::pg_catalog.int8,
        records_remaining = greatest(c.records_remaining - $11::pg_catalog.int8, 0)
    FROM task WHERE c.run_id = task.run_id AND c.status = 'running'
    RETURNING c.run_id, c.entity_type, c.analysis_id, c.records_remaining, task.change),
changed AS (
    UPDATE godwit.differential_changes d SET done_run = run.run_id
    FROM run WHERE $5::pg_catalog.bool AND d.analysis_id = run.analysis_id AND d.number = run.change),
logged AS (
    INSERT INTO godwit.migration_execution_logs (id, migration_session_id, checkpoint_id, entity_type, operation_type, log_level,
                                                 message, performance_data, context_data)
    SELECT $13::pg_catalog.uuid, $14::pg_catalog.uuid, $15::pg_catalog.uuid, run.entity_type, 'record_migration', $16::pg_catalog.text,
           $17::pg_catalog.text, $18::pg_catalog.jsonb, $19::pg_catalog.jsonb || pg_catalog.jsonb_build_object('batch_ms', $12::pg_catalog.int8)
    FROM run)
SELECT run.records_remaining AS remaining FROM run
