-- The second pass of these keys is behind; of those whose references lead nowhere it is not. What was said of them in another one goes.
-- params: text, text[]
-- columns: none
WITH bad AS (
    SELECT s.gw_key FROM pg_temp.gw_stage s JOIN pg_temp.gw_bad b ON b.gw_n = s.gw_n AND b.kind <> 'keep'),
passed AS (
    DELETE FROM godwit.sync_later l
    WHERE l.entity_type = $1::pg_catalog.text AND l.key = ANY ($2::pg_catalog.text[])
      AND l.key NOT IN (SELECT bad.gw_key FROM bad)
    RETURNING l.key)
DELETE FROM godwit.sync_rejects q
USING passed
WHERE q.entity_type = $1::pg_catalog.text AND q.key = passed.key AND q.rule = 'second pass'
