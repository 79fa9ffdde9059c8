-- Roles that can log in and may do more than an application or a person should, beside the one that made the cluster.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT CASE WHEN NOT r.rolsuper AND g.names IS NULL AND NOT r.rolbypassrls THEN 'note' END AS severity,
       pg_catalog.quote_ident(r.rolname) AS object,
       'may log in and ' || pg_catalog.array_to_string(ARRAY[
           CASE WHEN r.rolsuper THEN 'is a superuser' END,
           CASE WHEN r.rolcreaterole AND NOT r.rolsuper THEN 'may make roles' END,
           CASE WHEN r.rolbypassrls AND NOT r.rolsuper THEN 'passes by row security' END,
           'is a member of ' || g.names], ', ') AS evidence,
       CASE WHEN r.rolsuper THEN pg_catalog.format('ALTER ROLE %I NOSUPERUSER', r.rolname)
            WHEN r.rolbypassrls THEN pg_catalog.format('ALTER ROLE %I NOBYPASSRLS', r.rolname)
            WHEN g.names IS NOT NULL THEN pg_catalog.format('REVOKE %s FROM %I', g.names, r.rolname)
            ELSE pg_catalog.format('ALTER ROLE %I NOCREATEROLE', r.rolname) END AS sql
FROM pg_catalog.pg_roles AS r
CROSS JOIN LATERAL (
    SELECT pg_catalog.string_agg(g.rolname, ', ' ORDER BY g.rolname) AS names
    FROM pg_catalog.pg_auth_members AS m JOIN pg_catalog.pg_roles AS g ON g.oid = m.roleid
    WHERE m.member = r.oid AND g.rolname IN ('pg_execute_server_program', 'pg_write_server_files', 'pg_read_server_files')
) AS g
WHERE r.rolcanlogin AND r.oid <> 10
  AND (r.rolsuper OR r.rolcreaterole OR r.rolbypassrls OR g.names IS NOT NULL)
ORDER BY r.rolsuper DESC, r.rolname;
