-- Pieces of a run that are not done.
-- params: uuid
-- columns: count bigint!
SELECT pg_catalog.count(*) AS count FROM godwit.sync_tasks WHERE run_id = $1::pg_catalog.uuid AND state <> 'done'
