-- Sequences and how far they are; NULL: never used.
-- params: none
-- columns: schema text!, name text!, value text
SELECT s.schemaname::pg_catalog.text AS schema, s.sequencename::pg_catalog.text AS name,
       s.last_value::pg_catalog.text AS value
FROM pg_catalog.pg_sequences s
WHERE s.schemaname <> 'godwit'
ORDER BY 1, 2;
