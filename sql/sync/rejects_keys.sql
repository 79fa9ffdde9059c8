-- Keys of rows of the source that were rejected, behind one.
-- params: text, text, bigint
-- columns: key text!
SELECT q.key FROM godwit.sync_rejects q
WHERE q.entity_type = $1::pg_catalog.text AND q.source_hash IS NOT NULL
  AND ($2::pg_catalog.text IS NULL OR q.key > $2::pg_catalog.text COLLATE "C")
ORDER BY q.key
LIMIT $3::pg_catalog.int8
