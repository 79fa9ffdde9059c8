-- The pieces of a first load: runs of blocks.
-- params: uuid, bigint[], bigint[], bigint[]
-- columns: none
INSERT INTO godwit.sync_tasks (run_id, number, kind, leaf, first_block, end_block)
SELECT $1::pg_catalog.uuid, u.number, 'r', u.leaf::pg_catalog.oid, u.first_block, u.end_block
FROM unnest($2::pg_catalog.int8[], $3::pg_catalog.int8[], $4::pg_catalog.int8[]) WITH ORDINALITY
     u (leaf, first_block, end_block, number)
