-- Defaults of columns; generated columns have none.
-- params: none
-- columns: oid oid!, parent oid!, name text!, subid int4!, expression text!
SELECT d.oid, d.adrelid AS parent, a.attname::text AS name, 0 AS subid,
       pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS expression
FROM pg_catalog.pg_attrdef d
JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
JOIN pg_catalog.pg_class c ON c.oid = d.adrelid
WHERE a.attgenerated = '' AND NOT a.attisdropped AND d.oid >= 16384
  AND c.relkind IN ('r', 'p', 'f', 'v')
ORDER BY d.adrelid, d.adnum;
