-- Blocks: [[chain, number, hash, parent, live, sums, migrated, kept]].
-- params: text, jsonb
-- columns: none
INSERT INTO godwit.tracker_blocks (tracker, chain, number, hash, parent, live, deltas, migrated, kept)
SELECT $1, b.j ->> 0, (b.j ->> 1)::pg_catalog.int8, b.j ->> 2, b.j ->> 3, (b.j ->> 4)::pg_catalog.bool, b.j -> 5,
       (b.j ->> 6)::pg_catalog.numeric, (b.j ->> 7)::pg_catalog.numeric
FROM pg_catalog.jsonb_array_elements($2) b (j)
