-- The table that a name stands for in this session; of an index, its table.
-- params: text
-- columns: oid oid!
SELECT coalesce(i.indrelid, c.oid) AS oid
FROM pg_catalog.pg_class c
LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
WHERE c.oid = pg_catalog.to_regclass($1);
