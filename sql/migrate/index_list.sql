-- All indexes of a table, as text of their oids in one value: what was there before.
-- params: text
-- columns: oids text
SELECT COALESCE(pg_catalog.string_agg(i.indexrelid::pg_catalog.text, ','), '') AS oids
FROM pg_catalog.pg_index AS i
WHERE i.indrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)::pg_catalog.oid;
