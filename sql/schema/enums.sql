-- Enums; the labels as quoted literals, in order.
-- params: none
-- columns: oid oid!, schema text!, name text!, owner text!, labels text
SELECT t.oid, n.nspname::text AS schema, t.typname::text AS name,
       pg_catalog.pg_get_userbyid(t.typowner)::text AS owner,
       (SELECT string_agg(pg_catalog.quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
        FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) AS labels
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'e' AND t.oid >= 16384
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'godwit')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 1247 AND e.objid = t.oid AND e.deptype = 'e')
ORDER BY n.nspname COLLATE "C", t.typname COLLATE "C";
