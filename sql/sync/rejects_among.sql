-- Which of these keys (a JSON array) are rows of the source that were rejected.
-- params: text, text
-- columns: key text!
SELECT q.key
FROM godwit.sync_rejects q
JOIN pg_catalog.jsonb_array_elements_text($2::pg_catalog.text::pg_catalog.jsonb) k (key) ON k.key = q.key
WHERE q.entity_type = $1::pg_catalog.text AND q.source_hash IS NOT NULL
