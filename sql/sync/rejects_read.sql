-- The quarantine, and what was skipped: all, or an entity's; `total` counts those beyond the limit, too.
-- params: text, bigint
-- columns: entity text!, key text!, kind text!, action text!, rule text, field text, message text!, sqlstate text, place text,
--   source_row text, run text, attempts bigint!, first_seen timestamptz!, last_seen timestamptz!, total bigint!
SELECT q.entity_type AS entity, q.key, q.kind, q.action, q.rule, q.field, q.message, q.sqlstate, q.place,
       q.source_row::pg_catalog.text AS source_row, q.run_id::pg_catalog.text AS run, q.attempts::pg_catalog.int8 AS attempts,
       q.first_seen, q.last_seen, pg_catalog.count(*) OVER () AS total
FROM godwit.sync_rejects q
WHERE $1::pg_catalog.text IS NULL OR q.entity_type = $1::pg_catalog.text
ORDER BY q.entity_type COLLATE "C", q.key
LIMIT $2::pg_catalog.int8
