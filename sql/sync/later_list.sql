-- Keys of an entity whose second pass is still to come, behind one.
-- params: text, text, bigint
-- columns: key text!
SELECT l.key FROM godwit.sync_later l
WHERE l.entity_type = $1::pg_catalog.text AND ($2::pg_catalog.text IS NULL OR l.key > $2::pg_catalog.text COLLATE "C")
ORDER BY l.key
LIMIT $3::pg_catalog.int8
