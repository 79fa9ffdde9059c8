-- A row of an analysis' changes.
-- params: uuid, bigint
-- columns: kind text!, keys text, kept bytea, leaf bigint, first_block bigint, end_block bigint, key_count bigint!
SELECT c.kind::pg_catalog.text AS kind, pg_catalog.to_json(c.keys)::pg_catalog.text AS keys, c.kept,
       c.leaf::pg_catalog.int8 AS leaf, c.first_block, c.end_block, c.key_count
FROM godwit.differential_changes c
WHERE c.analysis_id = $1::pg_catalog.uuid AND c.number = $2::pg_catalog.int8
