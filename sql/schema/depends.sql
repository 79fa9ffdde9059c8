-- What needs what, among objects that users made. A partition hangs on its table by an object of
-- its own (pg_inherits), so that it can be detached; what a domain needs besides types and
-- collations is for its default, an object of its own too (class 1).
-- params: none
-- columns: classid oid!, objid oid!, objsubid int4!, refclassid oid!, refobjid oid!,
--    refobjsubid int4!, deptype text!
SELECT CASE WHEN d.classid = 1247 AND d.refclassid NOT IN (1247, 3456, 2615)
                 AND EXISTS (SELECT FROM pg_catalog.pg_type t WHERE t.oid = d.objid AND t.typtype = 'd')
            THEN 1::oid ELSE d.classid END AS classid, d.objid, d.objsubid, d.refclassid, d.refobjid, d.refobjsubid, d.deptype::text AS deptype
FROM pg_catalog.pg_depend d
WHERE d.objid >= 16384
  AND (d.refobjid >= 16384
       -- schema public (it may have another name): what has no schema of its own but hangs on one
       OR (d.refclassid = 2615 AND d.refobjid = 2200 AND d.classid IN (826, 3079, 6237)))
  AND NOT (d.classid = 1259 AND d.refclassid = 1259 AND d.objsubid = 0 AND d.refobjsubid = 0
           AND d.deptype = 'a'
           AND EXISTS (SELECT FROM pg_catalog.pg_inherits i
                       WHERE i.inhrelid = d.objid AND i.inhparent = d.refobjid))
UNION ALL
SELECT 2611, i.inhrelid, 0, 1259, i.inhparent, 0, 'n'
FROM pg_catalog.pg_inherits i
JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relispartition AND c.relkind IN ('r', 'p', 'f');
