-- What is kept of an entity: rows applied, rows in the quarantine, rows of its id map (NULL: it has none).
-- params: text
-- columns: applied bigint!, rejected bigint!, has_id_map boolean!
SELECT (SELECT coalesce(pg_catalog.sum(s.row_count), 0)::pg_catalog.int8 FROM godwit.sync_segments s
        WHERE s.entity_type = $1::pg_catalog.text) AS applied,
       (SELECT pg_catalog.count(*) FROM godwit.sync_rejects q WHERE q.entity_type = $1::pg_catalog.text) AS rejected,
       pg_catalog.to_regclass('godwit.' || godwit.id_map_name($1::pg_catalog.text)) IS NOT NULL AS has_id_map
