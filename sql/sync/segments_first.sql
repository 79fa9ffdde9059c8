-- Of a leaf that nothing was kept of: one segment, empty, of all of it. Who comes at the same time waits here.
-- params: text, bigint
-- columns: none
INSERT INTO godwit.sync_segments (entity_type, leaf, first_block, end_block, row_count, hash_sum, packed)
VALUES ($1::pg_catalog.text, $2::pg_catalog.int8::pg_catalog.oid, 0, 4294967295, 0, 0, '\x01'::pg_catalog.bytea)
ON CONFLICT (entity_type, leaf, first_block) DO NOTHING
