-- Changes of one kind: their keys and what was kept of them (in one leaf); or a run of blocks.
-- params: uuid, bigint, text, text[], bytea, bigint, bigint, bigint, bigint
-- columns: none
INSERT INTO godwit.differential_changes (analysis_id, number, kind, keys, kept, leaf, first_block, end_block, key_count)
VALUES ($1::pg_catalog.uuid, $2::pg_catalog.int8, $3::pg_catalog.text::"char", $4::pg_catalog.text[], $5::pg_catalog.bytea,
        $6::pg_catalog.int8::pg_catalog.oid, $7::pg_catalog.int8, $8::pg_catalog.int8, $9::pg_catalog.int8)
