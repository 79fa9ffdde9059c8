-- What users made and no kind renders, by name. It is in no comparison, so it has to be said.
-- params: none
-- columns: classid oid!, objid oid!, objsubid int4!, text text!
SELECT 2617::oid AS classid, o.oid AS objid, 0 AS objsubid,
       'operator ' || o.oid::pg_catalog.regoperator::text || ' (declared, never made)' AS text
FROM pg_catalog.pg_operator o
WHERE o.oid >= 16384 AND o.oprcode = 0
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_operator m WHERE m.oprcode <> 0 AND o.oid IN (m.oprcom, m.oprnegate))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 2617 AND e.objid = o.oid AND e.deptype = 'e')
ORDER BY 4;
