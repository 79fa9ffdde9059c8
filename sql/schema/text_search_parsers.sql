-- Text search parsers: the list of their functions.
-- params: none
-- columns: oid oid!, schema text!, name text!, functions text!
SELECT p.oid, n.nspname::text AS schema, p.prsname::text AS name,
       'START = ' || p.prsstart::pg_catalog.regproc::text
       || ', GETTOKEN = ' || p.prstoken::pg_catalog.regproc::text
       || ', END = ' || p.prsend::pg_catalog.regproc::text
       || ', LEXTYPES = ' || p.prslextype::pg_catalog.regproc::text
       || CASE WHEN p.prsheadline <> 0 THEN ', HEADLINE = ' || p.prsheadline::pg_catalog.regproc::text
               ELSE '' END AS functions
FROM pg_catalog.pg_ts_parser p
JOIN pg_catalog.pg_namespace n ON n.oid = p.prsnamespace
WHERE p.oid >= 16384
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'godwit')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 3601 AND e.objid = p.oid AND e.deptype = 'e')
ORDER BY n.nspname COLLATE "C", p.prsname COLLATE "C";
