-- Policies of row-level security.
-- params: none
-- columns: oid oid!, parent oid!, name text!, permissive bool!, command text!, roles text!,
--    condition text, check_condition text
SELECT p.oid, p.polrelid AS parent, p.polname::text AS name, p.polpermissive AS permissive,
       CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
                     WHEN 'd' THEN 'DELETE' ELSE 'ALL' END AS command,
       (SELECT string_agg(r.name, ', ' ORDER BY r.name COLLATE "C")
        FROM (SELECT CASE u.id WHEN 0 THEN 'PUBLIC'
                     ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(u.id)) END AS name
              FROM unnest(p.polroles) AS u (id)) AS r) AS roles,
       pg_catalog.pg_get_expr(p.polqual, p.polrelid) AS condition,
       pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) AS check_condition
FROM pg_catalog.pg_policy p
WHERE p.oid >= 16384
ORDER BY p.polrelid, p.polname COLLATE "C";
