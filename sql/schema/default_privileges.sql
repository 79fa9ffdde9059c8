-- Default privileges: a row a role, sort of object and schema (or all). `grants` is what differs
-- from what PostgreSQL gives by itself, a line each as in privileges.sql; a schema's own only add.
-- params: none
-- columns: oid oid!, name text!, args text!, role text!, in_schema text, sort text!, word text!,
--    grants text
SELECT d.oid, pg_catalog.pg_get_userbyid(d.defaclrole)::text AS name,
       concat_ws(' ', 'in ' || pg_catalog.quote_ident(n.nspname), 'on ' || lower(s.word)) AS args,
       pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(d.defaclrole)) AS role,
       pg_catalog.quote_ident(n.nspname) AS in_schema, d.defaclobjtype::text AS sort, s.word,
       (SELECT string_agg(g.text, E'\n' ORDER BY g.text COLLATE "C")
        FROM (SELECT x.sign || CASE WHEN x.grantee = 0 THEN 'PUBLIC' WHEN x.grantee = d.defaclrole THEN '~'
                                    ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(x.grantee)) END
                     || '=' || x.privilege_type || CASE WHEN x.is_grantable THEN '*' ELSE '' END AS text
              FROM ((SELECT '+' AS sign, h.grantee, h.privilege_type, h.is_grantable
                     FROM pg_catalog.aclexplode(d.defaclacl) h
                     EXCEPT SELECT '+', b.grantee, b.privilege_type, b.is_grantable
                     FROM pg_catalog.aclexplode(pg_catalog.acldefault(s.sort, d.defaclrole)) b
                     WHERE d.defaclnamespace = 0)
                    UNION ALL
                    (SELECT '-', b.grantee, b.privilege_type, b.is_grantable
                     FROM pg_catalog.aclexplode(pg_catalog.acldefault(s.sort, d.defaclrole)) b
                     WHERE d.defaclnamespace = 0
                     EXCEPT SELECT '-', h.grantee, h.privilege_type, h.is_grantable
                     FROM pg_catalog.aclexplode(d.defaclacl) h)) AS x) AS g) AS grants
FROM pg_catalog.pg_default_acl d
JOIN (VALUES ('r', 'TABLES', 'r'::"char"), ('S', 'SEQUENCES', 's'), ('f', 'ROUTINES', 'f'),
             ('T', 'TYPES', 'T'), ('n', 'SCHEMAS', 'n'), ('L', 'LARGE OBJECTS', 'L'))
    AS s (objtype, word, sort) ON s.objtype = d.defaclobjtype::text
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
ORDER BY 2, 3;
