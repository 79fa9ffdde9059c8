-- The relations and types of these names ($1: a JSON list), in every schema that is not temporary.
-- params: jsonb
-- columns: class text!, oid oid!, schema text!, name text!, kind text!, labels text,
--   partition boolean!, parents boolean!
WITH named AS (
    SELECT DISTINCT n.name::pg_catalog.name AS name
    FROM pg_catalog.jsonb_array_elements_text($1::pg_catalog.jsonb) AS n (name)
)
SELECT 'r'::pg_catalog.text AS class, c.oid, s.nspname::pg_catalog.text AS schema,
       c.relname::pg_catalog.text AS name, c.relkind::pg_catalog.text AS kind,
       NULL::pg_catalog.text AS labels, c.relispartition AS partition, c.relhassubclass AS parents
FROM named AS n
JOIN pg_catalog.pg_class AS c ON c.relname = n.name
JOIN pg_catalog.pg_namespace AS s ON s.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND s.nspname !~ '^pg_(toast_)?temp_'
UNION ALL
SELECT 't', t.oid, s.nspname::pg_catalog.text, t.typname::pg_catalog.text,
       t.typtype::pg_catalog.text,
       (SELECT pg_catalog.string_agg(pg_catalog.quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
        FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = t.oid), false, false
FROM named AS n
JOIN pg_catalog.pg_type AS t ON t.typname = n.name
JOIN pg_catalog.pg_namespace AS s ON s.oid = t.typnamespace
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c
                  WHERE c.oid = t.typrelid AND c.relkind <> 'c');
