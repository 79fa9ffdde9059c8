-- How many lines were refused, and the last of them.
-- params: text
-- columns: tracker text!, lines bigint!, source text!, line bigint!, reason text!
SELECT DISTINCT ON (r.tracker) r.tracker, pg_catalog.count(*) OVER (PARTITION BY r.tracker) AS lines, r.source, r.line,
       r.reason
FROM godwit.tracker_rejects r
WHERE $1::pg_catalog.text IS NULL OR r.tracker = $1
ORDER BY r.tracker, r.id DESC
