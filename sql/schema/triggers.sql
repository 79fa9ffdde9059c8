-- Triggers, but for those of foreign keys and those that a partitioned table hands down.
-- params: none
-- columns: oid oid!, parent oid!, name text!, definition text!, enabled text!, is_constraint bool!
SELECT t.oid, t.tgrelid AS parent, t.tgname::text AS name,
       pg_catalog.pg_get_triggerdef(t.oid) AS definition,
       CASE t.tgenabled WHEN 'O' THEN 'ENABLE' WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA'
                        WHEN 'A' THEN 'ENABLE ALWAYS' END AS enabled,
       t.tgconstraint <> 0 AS is_constraint
FROM pg_catalog.pg_trigger t
WHERE NOT t.tgisinternal AND t.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 2620 AND d.objid = t.oid AND d.refclassid = 2620
                    AND d.deptype IN ('P', 'S'))
ORDER BY t.tgrelid, t.tgname COLLATE "C";
