-- From where a detection of an entity may start: the newest first.
-- params: text
-- columns: mark text!
SELECT m.mark::pg_catalog.text AS mark
FROM godwit.sync_marks m
WHERE m.entity_type = $1::pg_catalog.text
ORDER BY m.number DESC
