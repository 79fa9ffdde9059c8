-- Rows of an entity that are written, and whose second pass is still to come: not those that it has refused.
-- params: text
-- columns: rows bigint!
SELECT pg_catalog.count(*) AS rows
FROM godwit.sync_later l
WHERE l.entity_type = $1::pg_catalog.text
  AND NOT EXISTS (SELECT FROM godwit.sync_rejects q WHERE q.entity_type = l.entity_type AND q.key = l.key)
