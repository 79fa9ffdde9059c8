-- The segments that cover blocks, locked in their order until the transaction ends. Joined, for a list of so many blocks
-- would be gone through for every segment of the leaf.
-- params: text, bigint, bigint[]
-- columns: first_block bigint!, end_block bigint!, packed bytea!
SELECT s.first_block, s.end_block, s.packed
FROM (SELECT DISTINCT c.first_block
      FROM unnest($3::pg_catalog.int8[]) b (block)
      CROSS JOIN LATERAL (
          SELECT n.first_block, n.end_block
          FROM godwit.sync_segments n
          WHERE n.entity_type = $1::pg_catalog.text AND n.leaf = $2::pg_catalog.int8::pg_catalog.oid
            AND n.first_block <= b.block
          ORDER BY n.first_block DESC
          LIMIT 1) c
      WHERE c.end_block > b.block) w
JOIN godwit.sync_segments s
  ON s.entity_type = $1::pg_catalog.text AND s.leaf = $2::pg_catalog.int8::pg_catalog.oid AND s.first_block = w.first_block
ORDER BY s.first_block
FOR UPDATE OF s
