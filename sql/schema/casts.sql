-- Casts; a range's own to its multirange come with it.
-- params: none
-- columns: oid oid!, name text!, source text!, target text!, function text, method text!,
--    context text!
SELECT c.oid, pg_catalog.format_type(c.castsource, NULL) || ' AS '
       || pg_catalog.format_type(c.casttarget, NULL) AS name,
       pg_catalog.format_type(c.castsource, NULL) AS source,
       pg_catalog.format_type(c.casttarget, NULL) AS target,
       CASE WHEN c.castfunc <> 0 THEN c.castfunc::pg_catalog.regprocedure::text END AS function,
       c.castmethod::text AS method, c.castcontext::text AS context
FROM pg_catalog.pg_cast c
WHERE c.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 2605 AND e.objid = c.oid AND e.deptype IN ('e', 'i'))
ORDER BY c.oid;
