-- Operators that belong to an operator family itself, not to one of its classes.
-- params: none
-- columns: oid oid!, parent oid!, name text!, args text!, operator text!, sort_family text
SELECT m.oid, m.amopfamily AS parent, 'operator ' || m.amopstrategy AS name,
       pg_catalog.format_type(m.amoplefttype, NULL) || ', '
       || pg_catalog.format_type(m.amoprighttype, NULL) AS args,
       m.amopopr::pg_catalog.regoperator::text AS operator,
       (SELECT pg_catalog.quote_ident(fn.nspname) || '.' || pg_catalog.quote_ident(f.opfname)
        FROM pg_catalog.pg_opfamily f JOIN pg_catalog.pg_namespace fn ON fn.oid = f.opfnamespace
        WHERE f.oid = m.amopsortfamily) AS sort_family
FROM pg_catalog.pg_amop m
WHERE m.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 2602 AND d.objid = m.oid AND d.deptype = 'i'
                    AND d.refclassid = 2616)
ORDER BY m.amopfamily, m.amopstrategy, m.oid;
