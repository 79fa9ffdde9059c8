-- Which of the tables in schema godwit hold rows, or did: an empty one that never had any has no pages.
-- params: none
-- columns: kept text
SELECT pg_catalog.string_agg(c.relname::pg_catalog.text, ', ' ORDER BY c.relname) AS kept
FROM pg_catalog.pg_class AS c
WHERE c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.to_regnamespace('godwit') AND c.relkind = 'r'
  AND c.relname OPERATOR(pg_catalog.<>) 'control' AND pg_catalog.pg_relation_size(c.oid) OPERATOR(pg_catalog.>) 0;
