-- Schemas. Public keeps no owner where it has the one that it was made with.
-- params: none
-- columns: oid oid!, name text!, owner text
SELECT n.oid, n.nspname::text AS name,
       CASE WHEN n.nspname = 'public' AND (n.nspowner = 10
                 OR pg_catalog.pg_get_userbyid(n.nspowner) = 'pg_database_owner') THEN NULL
            ELSE pg_catalog.pg_get_userbyid(n.nspowner)::text END AS owner
FROM pg_catalog.pg_namespace n
WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'godwit')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 2615 AND e.objid = n.oid AND e.deptype = 'e')
ORDER BY n.nspname COLLATE "C";
