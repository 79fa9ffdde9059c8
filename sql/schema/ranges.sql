-- Range types. opclass and collation are NULL where they are the subtype's own; so is
-- multirange_name where it is what the server makes of the range's (before 14 there are none).
-- params: none
-- columns: oid oid!, schema text!, name text!, owner text!, subtype text!, opclass text,
--    collation text, canonical text, subtype_diff text, multirange_schema text,
--    multirange text, multirange_name text
SELECT t.oid, n.nspname::text AS schema, t.typname::text AS name,
       pg_catalog.pg_get_userbyid(t.typowner)::text AS owner,
       pg_catalog.format_type(t.rngsubtype, NULL) AS subtype,
       CASE WHEN NOT o.opcdefault
            THEN pg_catalog.quote_ident(oname.nspname) || '.' || pg_catalog.quote_ident(o.opcname) END AS opclass,
       CASE WHEN t.rngcollation <> s.typcollation AND t.rngcollation <> 0
            THEN (SELECT pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(co.collname)
                  FROM pg_catalog.pg_collation co
                  JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
                  WHERE co.oid = t.rngcollation) END AS collation,
       nullif(t.rngcanonical::text, '-') AS canonical,
       nullif(t.rngsubdiff::text, '-') AS subtype_diff,
       mn.nspname::text AS multirange_schema, m.typname::text AS multirange,
       CASE WHEN mn.nspname <> n.nspname OR octet_length(m.typname::text) > 60
                 OR m.typname <> CASE WHEN position('range' IN t.typname) > 0
                     THEN overlay(t.typname::text placing 'multirange'
                                  FROM position('range' IN t.typname) FOR 5)
                     ELSE t.typname || '_multirange' END
            THEN pg_catalog.quote_ident(mn.nspname) || '.' || pg_catalog.quote_ident(m.typname) END
           AS multirange_name
FROM (SELECT 0::oid AS rngmultitypid) AS absent
CROSS JOIN LATERAL (
    SELECT pt.oid, pt.typname, pt.typowner, pt.typnamespace, r.rngsubtype, r.rngsubopc, r.rngcollation,
           r.rngcanonical, r.rngsubdiff, rngmultitypid AS multirange
    FROM pg_catalog.pg_range r
    JOIN pg_catalog.pg_type pt ON pt.oid = r.rngtypid) AS t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_type s ON s.oid = t.rngsubtype
JOIN pg_catalog.pg_opclass o ON o.oid = t.rngsubopc
JOIN pg_catalog.pg_namespace oname ON oname.oid = o.opcnamespace
LEFT JOIN pg_catalog.pg_type m ON m.oid = t.multirange
LEFT JOIN pg_catalog.pg_namespace mn ON mn.oid = m.typnamespace
WHERE t.oid >= 16384
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'godwit')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 1247 AND e.objid = t.oid AND e.deptype IN ('e'))
ORDER BY n.nspname COLLATE "C", t.typname COLLATE "C";
