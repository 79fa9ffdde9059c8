-- Keys of an entity whose second pass is still to come, behind one. Those of rows that did not even come through the first
-- one wait for that: what was said of them there is newer.
-- params: text, text, bigint
-- columns: key text!
SELECT l.key FROM godwit.sync_later l
WHERE l.entity_type = $1::pg_catalog.text AND ($2::pg_catalog.text IS NULL OR l.key > $2::pg_catalog.text COLLATE "C")
  AND NOT EXISTS (SELECT FROM godwit.sync_rejects q WHERE q.entity_type = l.entity_type AND q.key = l.key AND q.rule IS DISTINCT FROM 'second pass')
ORDER BY l.key
LIMIT $3::pg_catalog.int8
