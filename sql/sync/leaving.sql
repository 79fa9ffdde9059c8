-- Rows of these entities (a JSON array) that the source of this run's session no longer has: the deletes come behind, and
-- nothing that is written before them may lead there.
-- params: uuid, text
-- columns: none
INSERT INTO pg_temp.gw_leaving (entity_type, key)
SELECT o.entity_type, k.key
FROM godwit.migration_control r
JOIN godwit.migration_control o ON o.migration_session_id = r.migration_session_id AND o.attempt = r.attempt
JOIN pg_catalog.jsonb_array_elements_text($2::pg_catalog.text::pg_catalog.jsonb) e (name) ON e.name = o.entity_type
JOIN godwit.differential_changes c ON c.analysis_id = o.analysis_id AND c.kind = 'd'
CROSS JOIN LATERAL pg_catalog.unnest(c.keys) k (key)
WHERE r.run_id = $1::pg_catalog.uuid
ON CONFLICT DO NOTHING
