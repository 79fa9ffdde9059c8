-- Comments on what is not PostgreSQL's own. Schema public has one from the start.
-- params: none
-- columns: classid oid!, objid oid!, objsubid int4!, text text!
SELECT d.classoid AS classid, d.objoid AS objid, d.objsubid, d.description AS text
FROM pg_catalog.pg_description d
WHERE (d.objoid >= 16384 OR (d.classoid = 2615 AND d.objoid = 2200
                             AND d.description <> 'standard public schema'))
ORDER BY 1, 2, 3;
