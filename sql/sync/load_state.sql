-- The first load of an entity that goes on. More than a look: nobody else changes it until the transaction ends.
-- params: text
-- columns: was_empty boolean!, postponed bigint!, next text
SELECT l.was_empty, pg_catalog.cardinality(l.postponed)::pg_catalog.int8 AS postponed, l.postponed[1] AS next
FROM godwit.sync_loads l
WHERE l.entity_type = $1::pg_catalog.text
FOR UPDATE OF l
