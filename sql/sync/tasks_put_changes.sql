-- The pieces of a run: the change sets of its analysis that have not been applied, either deletes or the others.
-- params: uuid, uuid, boolean
-- columns: none
INSERT INTO godwit.sync_tasks (run_id, number, kind, first_block, change, row_count)
SELECT $1::pg_catalog.uuid, d.number, 'c', 0, d.number, d.key_count
FROM godwit.differential_changes d
WHERE d.analysis_id = $2::pg_catalog.uuid AND d.keys IS NOT NULL AND d.done_run IS NULL
  AND (d.kind = 'd') = $3::pg_catalog.bool
