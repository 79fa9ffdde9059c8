-- The keys of an entity's quarantine, some at a time.
-- params: text, text, bigint
-- columns: key text!
SELECT q.key
FROM godwit.sync_rejects q
WHERE q.entity_type = $1::pg_catalog.text AND ($2::pg_catalog.text IS NULL OR q.key > $2::pg_catalog.text)
ORDER BY q.key
LIMIT $3::pg_catalog.int8
