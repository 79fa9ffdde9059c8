-- Keys that this run has rejected for what another row had by then, a unique value or none of that key, and keys of deletes that one which
-- still refers to the row held back, behind one, in order. What was said
-- in the second pass is for another second pass to say.
-- params: text, text, bigint, uuid
-- columns: key text!
SELECT q.key
FROM godwit.sync_rejects q
WHERE q.entity_type = $1::pg_catalog.text AND ($2::pg_catalog.text IS NULL OR q.key > $2::pg_catalog.text COLLATE "C")
  AND q.run_id = $4::pg_catalog.uuid
  AND q.rule IS DISTINCT FROM 'second pass'
  AND (q.sqlstate IN ('23505', '23P01', '23503') OR q.kind IN ('conflict', 'reference') OR (q.kind = 'rule' AND q.rule = 'unique'))
ORDER BY q.key
LIMIT $3::pg_catalog.int8
