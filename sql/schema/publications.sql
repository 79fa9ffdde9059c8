-- Publications; what they publish of single tables and schemas stands apart. The way through the
-- root is of 13, generated columns of 18.
-- params: none
-- columns: oid oid!, name text!, owner text!, all_tables bool!, publish text!, via_root bool!,
--    generated_columns text!
SELECT p.oid, p.pubname::text AS name, pg_catalog.pg_get_userbyid(p.pubowner)::text AS owner,
       p.puballtables AS all_tables,
       concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                 CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END)
           AS publish,
       p.via_root, CASE p.gencols WHEN 's' THEN 'stored' ELSE 'none' END AS generated_columns
FROM (SELECT false AS pubviaroot, 'n'::"char" AS pubgencols) AS absent
CROSS JOIN LATERAL (SELECT o.*, pubviaroot AS via_root, pubgencols AS gencols
                    FROM pg_catalog.pg_publication o) AS p
WHERE p.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 6104 AND e.objid = p.oid AND e.deptype = 'e')
ORDER BY p.pubname COLLATE "C";
