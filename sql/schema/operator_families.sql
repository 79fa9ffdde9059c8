-- Operator families; args is the access method.
-- params: none
-- columns: oid oid!, schema text!, name text!, args text!, owner text!
SELECT f.oid, n.nspname::text AS schema, f.opfname::text AS name,
       pg_catalog.quote_ident(am.amname) AS args, pg_catalog.pg_get_userbyid(f.opfowner)::text AS owner
FROM pg_catalog.pg_opfamily f
JOIN pg_catalog.pg_namespace n ON n.oid = f.opfnamespace
JOIN pg_catalog.pg_am am ON am.oid = f.opfmethod
WHERE f.oid >= 16384
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'godwit')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 2753 AND e.objid = f.oid AND e.deptype IN ('e'))
ORDER BY n.nspname COLLATE "C", f.opfname COLLATE "C", am.amname COLLATE "C";
