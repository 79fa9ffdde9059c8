-- Text search templates: the list of their functions.
-- params: none
-- columns: oid oid!, schema text!, name text!, functions text!
SELECT t.oid, n.nspname::text AS schema, t.tmplname::text AS name,
       CASE WHEN t.tmplinit <> 0 THEN 'INIT = ' || t.tmplinit::pg_catalog.regproc::text || ', ' ELSE '' END
       || 'LEXIZE = ' || t.tmpllexize::pg_catalog.regproc::text AS functions
FROM pg_catalog.pg_ts_template t
JOIN pg_catalog.pg_namespace n ON n.oid = t.tmplnamespace
WHERE t.oid >= 16384
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'godwit')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 3764 AND e.objid = t.oid AND e.deptype = 'e')
ORDER BY n.nspname COLLATE "C", t.tmplname COLLATE "C";
