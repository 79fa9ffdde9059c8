-- Foreign keys of a relation, to another or to itself.
-- params: bigint
-- columns: name text!, deferrable boolean!, target_schema text!, target_name text!, target_oid bigint!, columns text!,
--   target_columns text!
SELECT c.conname::text AS name, c.condeferrable AS deferrable, n.nspname::text AS target_schema, t.relname::text AS target_name,
       t.oid::bigint AS target_oid,
       (SELECT pg_catalog.jsonb_agg(a.attname ORDER BY k.place)::text FROM unnest(c.conkey) WITH ORDINALITY k(number, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number) AS columns,
       (SELECT pg_catalog.jsonb_agg(a.attname ORDER BY k.place)::text FROM unnest(c.confkey) WITH ORDINALITY k(number, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number) AS target_columns
FROM pg_catalog.pg_constraint c
JOIN pg_catalog.pg_class t ON t.oid = c.confrelid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
WHERE c.conrelid = $1::bigint::oid AND c.contype = 'f'
ORDER BY c.conname COLLATE "C";
