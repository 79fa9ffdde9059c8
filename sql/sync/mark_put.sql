-- From where the next detection of an entity may start.
-- params: text, text, uuid, jsonb, uuid, timestamptz
-- columns: none
INSERT INTO godwit.sync_marks (entity_type, number, method, mapping_id, mark, run_id, taken_at)
SELECT $1::pg_catalog.text, coalesce(pg_catalog.max(m.number), 0) + 1, $2::pg_catalog.text, $3::pg_catalog.uuid,
       $4::pg_catalog.jsonb, $5::pg_catalog.uuid, $6::pg_catalog.timestamptz
FROM godwit.sync_marks m WHERE m.entity_type = $1::pg_catalog.text
