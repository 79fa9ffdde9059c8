-- So many rows more are ahead of a run, or are not any more (below 0).
-- params: uuid, bigint
-- columns: none
UPDATE godwit.migration_control SET records_remaining = greatest(records_remaining + $2::pg_catalog.int8, 0)
WHERE run_id = $1::pg_catalog.uuid
