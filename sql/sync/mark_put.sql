-- From where the next detection of an entity may start.
-- params: text, text, uuid, jsonb, uuid, bigint
-- columns: none
INSERT INTO godwit.sync_marks (entity_type, number, method, mapping_id, mark, run_id, taken_at)
SELECT $1::pg_catalog.text, coalesce(pg_catalog.max(m.number), 0) + 1, $2::pg_catalog.text, $3::pg_catalog.uuid,
       $4::pg_catalog.jsonb, $5::pg_catalog.uuid,
       '1970-01-01 00:00:00+00'::pg_catalog.timestamptz + $6::pg_catalog.int8 * '1 microsecond'::pg_catalog.interval
FROM godwit.sync_marks m WHERE m.entity_type = $1::pg_catalog.text
