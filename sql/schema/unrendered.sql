-- What users made and no kind renders, by name. It is in no comparison, so it has to be said.
-- params: none
-- columns: classid oid!, objid oid!, objsubid int4!, text text!
SELECT 2601::oid AS classid, a.oid AS objid, 0 AS objsubid, 'access method ' || a.amname AS text
FROM pg_catalog.pg_am a
WHERE a.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 2601 AND e.objid = a.oid AND e.deptype = 'e')
UNION ALL
SELECT 2607, c.oid, 0, 'conversion ' || n.nspname || '.' || c.conname
FROM pg_catalog.pg_conversion c JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace
WHERE c.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 2607 AND e.objid = c.oid AND e.deptype = 'e')
ORDER BY 4;
