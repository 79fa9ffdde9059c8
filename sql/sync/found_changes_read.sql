-- A piece of an analysis' changes.
-- params: uuid, bigint
-- columns: kind text!, keys text!, kept bytea, leaf bigint
SELECT kind::pg_catalog.text AS kind, pg_catalog.to_json(keys)::pg_catalog.text AS keys, kept, leaf::pg_catalog.int8 AS leaf
FROM godwit.differential_changes
WHERE analysis_id = $1::pg_catalog.uuid AND number = $2::pg_catalog.int8 AND keys IS NOT NULL
