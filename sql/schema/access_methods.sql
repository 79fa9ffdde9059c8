-- Access methods.
-- params: none
-- columns: oid oid!, name text!, type text!, handler text!
SELECT a.oid, a.amname::text AS name, CASE a.amtype WHEN 't' THEN 'TABLE' ELSE 'INDEX' END AS type,
       a.amhandler::text AS handler
FROM pg_catalog.pg_am a
WHERE a.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 2601 AND e.objid = a.oid AND e.deptype IN ('e'))
ORDER BY a.amname COLLATE "C";
