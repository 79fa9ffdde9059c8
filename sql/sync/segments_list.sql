-- The segments of a leaf, without the fingerprints in them, in order.
-- params: text, bigint
-- columns: first_block bigint!, end_block bigint!, row_count bigint!, hash_sum text!
SELECT s.first_block, s.end_block, s.row_count, s.hash_sum::pg_catalog.text AS hash_sum
FROM godwit.sync_segments s
WHERE s.entity_type = $1::pg_catalog.text AND s.leaf = $2::pg_catalog.int8::pg_catalog.oid
ORDER BY s.first_block
