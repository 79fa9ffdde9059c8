-- Which of these keys (a JSON array) wait for the second pass.
-- params: text, text
-- columns: key text!
SELECT l.key
FROM godwit.sync_later l
JOIN pg_catalog.jsonb_array_elements_text($2::pg_catalog.text::pg_catalog.jsonb) k (key) ON k.key = l.key
WHERE l.entity_type = $1::pg_catalog.text
