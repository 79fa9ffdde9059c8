-- Schemas of publications (15). Their catalog is not there before; pg_depend tells the same.
-- params: none
-- columns: oid oid!, parent oid!, name text!, args text!
SELECT p.objid AS oid, p.refobjid AS parent, 'schema' AS name, pg_catalog.quote_ident(n.nspname) AS args
FROM pg_catalog.pg_depend p
JOIN pg_catalog.pg_depend s ON s.classid = p.classid AND s.objid = p.objid AND s.refclassid = 2615
JOIN pg_catalog.pg_namespace n ON n.oid = s.refobjid
WHERE p.classid = 6237 AND p.refclassid = 6104
ORDER BY p.refobjid, n.nspname COLLATE "C";
