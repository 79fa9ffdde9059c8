-- Rows of a table as the planner last counted them; -1 where nobody did.
-- params: text
-- columns: rows bigint
SELECT pg_catalog.int8(c.reltuples) AS rows
FROM pg_catalog.pg_class AS c
WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)::pg_catalog.oid;
