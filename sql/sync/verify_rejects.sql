-- Which of these keys (a JSON array) were rejected. The reason is that of many rows: no value stands in it.
-- params: text, text
-- columns: key text!, action text!, message text!, reason text!
SELECT q.key, q.action, pg_catalog.concat_ws(': ', coalesce(q.rule, q.kind), q.field, q.message) AS message,
       CASE WHEN q.kind = 'rule' THEN pg_catalog.concat_ws(': ', q.rule, q.field, q.message)
            ELSE pg_catalog.concat_ws(': ', q.kind, q.field,
                     pg_catalog.regexp_replace(pg_catalog.split_part(q.message, ':', 1), '"[^"]*"|[0-9]+', '...', 'g'))
                 || coalesce(' (' || q.place || ')', '') END AS reason
FROM godwit.sync_rejects q
JOIN pg_catalog.jsonb_array_elements_text($2::pg_catalog.text::pg_catalog.jsonb) k (key) ON k.key = q.key
WHERE q.entity_type = $1::pg_catalog.text
