-- The tables and partitions of the source of which fingerprints are kept.
-- params: text
-- columns: leaf bigint!, rows bigint!
SELECT s.leaf::pg_catalog.int8 AS leaf, pg_catalog.sum(s.row_count)::pg_catalog.int8 AS rows
FROM godwit.sync_segments s
WHERE s.entity_type = $1::pg_catalog.text
GROUP BY s.leaf
ORDER BY s.leaf
