-- Entries of upkeep in the audit that are older than a time, as JSON, a page behind an id; each thing's newest stays.
-- params: timestamptz, bigint, bigint
-- columns: line text!, id bigint!
SELECT pg_catalog.row_to_json(e)::pg_catalog.text AS line, e.id
FROM godwit.events AS e
WHERE e.at < $1 AND e.id > $2 AND e.action = 'maintain'
  AND EXISTS (SELECT 1 FROM godwit.events AS n WHERE n.action = 'maintain' AND n.name = e.name AND n.id > e.id)
ORDER BY e.id
LIMIT $3;
