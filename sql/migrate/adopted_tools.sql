-- The tools that the history was taken over from, and their tables.
-- params: none
-- columns: tool text!, schema_name text, table_name text
SELECT DISTINCT details ->> 'adopted_from' AS tool, details ->> 'schema' AS schema_name,
       details ->> 'table' AS table_name
FROM godwit.migrations
WHERE applied_by LIKE 'adopt:%' AND details ? 'adopted_from'
ORDER BY 1, 2, 3;
