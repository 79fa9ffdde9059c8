-- Deletes of an entity that wait because other rows refer to theirs, behind a key. A row that came from the source has a hash.
-- params: text, text, bigint
-- columns: key text!
SELECT q.key FROM godwit.sync_rejects q
WHERE q.entity_type = $1::pg_catalog.text AND q.source_hash IS NULL AND (q.kind = 'reference' OR q.sqlstate = '23503')
  AND ($2::pg_catalog.text IS NULL OR q.key > $2::pg_catalog.text COLLATE "C")
ORDER BY q.key
LIMIT $3::pg_catalog.int8
