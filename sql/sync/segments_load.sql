-- The segments that begin within a run of blocks, with their fingerprints.
-- params: text, bigint, bigint, bigint
-- columns: first_block bigint!, end_block bigint!, packed bytea!
SELECT s.first_block, s.end_block, s.packed
FROM godwit.sync_segments s
WHERE s.entity_type = $1::pg_catalog.text AND s.leaf = $2::pg_catalog.int8::pg_catalog.oid
  AND s.first_block >= $3::pg_catalog.int8 AND s.first_block < $4::pg_catalog.int8
ORDER BY s.first_block
