-- Extensions, but for plpgsql, which every database is made with.
-- params: none
-- columns: oid oid!, name text!, namespace text!, version text!, relocatable bool!
SELECT x.oid, x.extname::text AS name, n.nspname::text AS namespace, x.extversion AS version,
       x.extrelocatable AS relocatable
FROM pg_catalog.pg_extension x
JOIN pg_catalog.pg_namespace n ON n.oid = x.extnamespace
WHERE x.extname <> 'plpgsql'
ORDER BY x.extname COLLATE "C";
