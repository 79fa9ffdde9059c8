-- A batch is behind: the checkpoint moves in the transaction of its rows.
-- params: uuid, text, bigint
-- columns: batch_position bigint!
UPDATE godwit.migration_checkpoints
SET state = CASE state WHEN 'created' THEN 'active' ELSE state END,
    last_processed_id = coalesce($2::pg_catalog.text, last_processed_id),
    batch_position = batch_position + 1,
    records_processed = records_processed + $3::pg_catalog.int8,
    records_remaining = greatest(records_remaining - $3::pg_catalog.int8, 0)
WHERE id = $1::pg_catalog.uuid AND state IN ('created', 'active')
RETURNING batch_position
