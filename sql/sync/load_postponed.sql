-- How many indexes does the destination lack that a first load will build at its end?
-- params: text
-- columns: postponed bigint!
SELECT coalesce(pg_catalog.sum(pg_catalog.cardinality(l.postponed)), 0)::pg_catalog.int8 AS postponed
FROM godwit.sync_loads l WHERE l.entity_type = $1::pg_catalog.text
