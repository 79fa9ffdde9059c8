-- How many rows of table $1, or values of its column $2, as the planner believes; NULL where it
-- was never analyzed.
-- params: text, text
-- columns: n bigint
SELECT CASE WHEN c.reltuples OPERATOR(pg_catalog.>=) 0 THEN
           pg_catalog.int8(c.reltuples OPERATOR(pg_catalog.*) (1::pg_catalog.float4 OPERATOR(pg_catalog.-) coalesce(
               (SELECT s.null_frac FROM pg_catalog.pg_stats AS s
                WHERE s.schemaname OPERATOR(pg_catalog.=) n.nspname
                  AND s.tablename OPERATOR(pg_catalog.=) c.relname
                  AND s.attname::pg_catalog.text OPERATOR(pg_catalog.=) $2
                LIMIT 1), 0::pg_catalog.float4))) END AS n
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)::pg_catalog.oid;
