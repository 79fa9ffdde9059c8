-- Rules, but for those that make a view.
-- params: none
-- columns: oid oid!, parent oid!, name text!, definition text!, enabled text!
SELECT r.oid, r.ev_class AS parent, r.rulename::text AS name,
       pg_catalog.pg_get_ruledef(r.oid) AS definition,
       CASE r.ev_enabled WHEN 'O' THEN 'ENABLE' WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA'
                         WHEN 'A' THEN 'ENABLE ALWAYS' END AS enabled
FROM pg_catalog.pg_rewrite r
WHERE r.rulename <> '_RETURN' AND r.oid >= 16384
ORDER BY r.ev_class, r.rulename COLLATE "C";
