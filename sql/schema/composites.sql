-- Composite types that stand alone; the attributes in order, as CREATE TYPE has them.
-- params: none
-- columns: oid oid!, schema text!, name text!, owner text!, attributes text
SELECT t.oid, n.nspname::text AS schema, t.typname::text AS name,
       pg_catalog.pg_get_userbyid(t.typowner)::text AS owner,
       (SELECT string_agg(pg_catalog.quote_ident(a.attname) || ' '
                          || pg_catalog.format_type(a.atttypid, a.atttypmod)
                          || CASE WHEN a.attcollation <> at.typcollation AND a.attcollation <> 0
                                  THEN ' COLLATE ' || (SELECT pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(co.collname)
                                                       FROM pg_catalog.pg_collation co
                                                       JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
                                                       WHERE co.oid = a.attcollation)
                                  ELSE '' END, ', ' ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_type at ON at.oid = a.atttypid
        WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) AS attributes
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'c' AND t.oid >= 16384
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'godwit')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 1247 AND e.objid = t.oid AND e.deptype IN ('e'))
ORDER BY n.nspname COLLATE "C", t.typname COLLATE "C";
