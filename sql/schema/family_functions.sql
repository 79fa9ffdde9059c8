-- Support functions that belong to an operator family itself, not to one of its classes.
-- params: none
-- columns: oid oid!, parent oid!, name text!, args text!, function text!
SELECT m.oid, m.amprocfamily AS parent, 'function ' || m.amprocnum AS name,
       pg_catalog.format_type(m.amproclefttype, NULL) || ', '
       || pg_catalog.format_type(m.amprocrighttype, NULL) AS args,
       m.amproc::pg_catalog.regprocedure::text AS function
FROM pg_catalog.pg_amproc m
WHERE m.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 2603 AND d.objid = m.oid AND d.deptype = 'i'
                    AND d.refclassid = 2616)
ORDER BY m.amprocfamily, m.amprocnum, m.oid;
