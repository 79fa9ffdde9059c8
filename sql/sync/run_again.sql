-- Rows that a run has rejected have come through after all.
-- params: uuid, bigint, bigint, bigint, bigint
-- columns: none
UPDATE godwit.migration_control c
SET records_new = c.records_new + $2::pg_catalog.int8, records_modified = c.records_modified + $3::pg_catalog.int8,
    records_deleted = c.records_deleted + $4::pg_catalog.int8,
    records_rejected = greatest(c.records_rejected - $5::pg_catalog.int8, 0)
WHERE c.run_id = $1::pg_catalog.uuid
