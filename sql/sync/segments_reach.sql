-- Up to where a run of blocks is kept without a gap.
-- params: text, bigint, bigint, bigint
-- columns: reach bigint!
WITH kept AS (
    SELECT s.first_block, s.end_block,
           coalesce(pg_catalog.lag(s.end_block) OVER (ORDER BY s.first_block), $3::pg_catalog.int8) AS before
    FROM godwit.sync_segments s
    WHERE s.entity_type = $1::pg_catalog.text AND s.leaf = $2::pg_catalog.int8::pg_catalog.oid
      AND s.first_block >= $3::pg_catalog.int8 AND s.first_block < $4::pg_catalog.int8)
SELECT coalesce((SELECT pg_catalog.min(k.before) FROM kept k WHERE k.before <> k.first_block),
                (SELECT pg_catalog.max(k.end_block) FROM kept k), $3::pg_catalog.int8) AS reach
