-- Which of these keys (a JSON array) were rejected.
-- params: text, text
-- columns: key text!, action text!, message text!
SELECT q.key, q.action, pg_catalog.concat_ws(': ', coalesce(q.rule, q.kind), q.field, q.message) AS message
FROM godwit.sync_rejects q
JOIN pg_catalog.jsonb_array_elements_text($2::pg_catalog.text::pg_catalog.jsonb) k (key) ON k.key = q.key
WHERE q.entity_type = $1::pg_catalog.text
