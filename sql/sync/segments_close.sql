-- Runs of blocks that no segment covers, between, before and behind those that some do, become empty segments.
-- params: text
-- columns: none
INSERT INTO godwit.sync_segments (entity_type, leaf, first_block, end_block, row_count, hash_sum, packed)
SELECT $1::pg_catalog.text, g.leaf, g.low, g.high, 0, 0, '\x01'::pg_catalog.bytea
FROM (SELECT s.leaf, coalesce(pg_catalog.lag(s.end_block) OVER w, 0) AS low, s.first_block AS high
      FROM godwit.sync_segments s WHERE s.entity_type = $1::pg_catalog.text
      WINDOW w AS (PARTITION BY s.leaf ORDER BY s.first_block)
      UNION ALL
      SELECT s.leaf, pg_catalog.max(s.end_block), 4294967295
      FROM godwit.sync_segments s WHERE s.entity_type = $1::pg_catalog.text GROUP BY s.leaf) g
WHERE g.low < g.high
