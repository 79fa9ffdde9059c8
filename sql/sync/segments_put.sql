-- Write segments; one that begins at the same block is replaced.
-- params: text, bigint, bigint[], bigint[], bigint[], numeric[], bytea[]
-- columns: none
INSERT INTO godwit.sync_segments (entity_type, leaf, first_block, end_block, row_count, hash_sum, packed)
SELECT $1::pg_catalog.text, $2::pg_catalog.int8::pg_catalog.oid, u.first_block, u.end_block, u.row_count, u.hash_sum,
       u.packed
FROM unnest($3::pg_catalog.int8[], $4::pg_catalog.int8[], $5::pg_catalog.int8[], $6::pg_catalog.numeric[],
            $7::pg_catalog.bytea[]) u (first_block, end_block, row_count, hash_sum, packed)
ON CONFLICT (entity_type, leaf, first_block) DO UPDATE
SET end_block = excluded.end_block, row_count = excluded.row_count, hash_sum = excluded.hash_sum,
    packed = excluded.packed
