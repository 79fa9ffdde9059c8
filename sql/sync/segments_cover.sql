-- The segments that lie in runs of blocks, wholly or in part; not locked.
-- params: text, bigint, bigint[], bigint[]
-- columns: first_block bigint!, end_block bigint!, packed bytea!
SELECT s.first_block, s.end_block, s.packed
FROM (SELECT DISTINCT n.first_block
      FROM unnest($3::pg_catalog.int8[], $4::pg_catalog.int8[]) r (first_block, end_block)
      CROSS JOIN LATERAL (
          SELECT c.first_block
          FROM godwit.sync_segments c
          WHERE c.entity_type = $1::pg_catalog.text AND c.leaf = $2::pg_catalog.int8::pg_catalog.oid
            AND c.first_block < r.end_block
            AND c.first_block >= coalesce((
                SELECT pg_catalog.max(m.first_block)
                FROM godwit.sync_segments m
                WHERE m.entity_type = $1::pg_catalog.text AND m.leaf = $2::pg_catalog.int8::pg_catalog.oid
                  AND m.first_block <= r.first_block), 0)) n) w
JOIN godwit.sync_segments s
  ON s.entity_type = $1::pg_catalog.text AND s.leaf = $2::pg_catalog.int8::pg_catalog.oid AND s.first_block = w.first_block
ORDER BY s.first_block
