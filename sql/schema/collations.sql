-- Collations. The locale of ICU stood in collcollate before 15, in colliculocale before 17; rules
-- are of 16. Where the catalog has none, the name is found outside of the subquery.
-- params: none
-- columns: oid oid!, schema text!, name text!, owner text!, provider text!, locale text,
--    lc_collate text, lc_ctype text, rules text, deterministic bool!, version text
SELECT c.oid, n.nspname::text AS schema, c.collname::text AS name,
       pg_catalog.pg_get_userbyid(c.collowner)::text AS owner,
       CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' WHEN 'd' THEN 'default'
                           ELSE 'libc' END AS provider,
       CASE WHEN c.collprovider IN ('i', 'b') THEN coalesce(c.locale, c.collcollate::text)
            WHEN c.collcollate = c.collctype THEN c.collcollate::text END AS locale,
       CASE WHEN c.collprovider NOT IN ('i', 'b') AND c.collcollate <> c.collctype
            THEN c.collcollate::text END AS lc_collate,
       CASE WHEN c.collprovider NOT IN ('i', 'b') AND c.collcollate <> c.collctype
            THEN c.collctype::text END AS lc_ctype,
       c.rules, c.collisdeterministic AS deterministic, c.collversion::text AS version
FROM (SELECT NULL::text AS colliculocale, NULL::text AS colllocale, NULL::text AS collicurules) AS absent
CROSS JOIN LATERAL (
    SELECT pc.*, coalesce(colllocale, colliculocale) AS locale, collicurules AS rules
    FROM pg_catalog.pg_collation pc WHERE pc.oid >= 16384) AS c
JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'godwit')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 3456 AND e.objid = c.oid AND e.deptype IN ('e'))
ORDER BY n.nspname COLLATE "C", c.collname COLLATE "C";
