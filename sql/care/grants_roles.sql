-- Roles that are not as declared: made, altered, their settings in this database, who is a member of whom. step orders the
-- statements of all grants_*.sql; refused: what is not done to a role, and why.
-- params: jsonb
-- columns: step integer!, sql text!, refused text
WITH roles AS (
    SELECT r.value->>'name' AS name, r.value->>'is' AS kind, (r.value->>'login')::pg_catalog.bool AS login,
           (r.value->>'limit')::pg_catalog.int4 AS most, r.value->'settings' AS settings, p.oid,
           p.rolcanlogin, p.rolsuper, p.rolcreatedb, p.rolcreaterole, p.rolreplication, p.rolbypassrls, p.rolinherit, p.rolconnlimit
    FROM pg_catalog.jsonb_array_elements($1::pg_catalog.jsonb->'roles') AS r
    LEFT JOIN pg_catalog.pg_roles AS p ON p.rolname = r.value->>'name'
), me AS (
    SELECT r.oid, r.rolname, r.rolsuper FROM pg_catalog.pg_roles AS r WHERE r.rolname = CURRENT_USER
), borrowed AS (
    SELECT r.name FROM roles AS r CROSS JOIN me
    WHERE r.kind IN ('owner', 'migrator') AND NOT me.rolsuper AND r.name <> me.rolname
      AND (r.oid IS NULL OR NOT pg_catalog.pg_has_role(me.oid, r.oid, 'USAGE'))
)
SELECT 1 AS step,
       pg_catalog.concat(pg_catalog.format('CREATE ROLE %I %s', r.name, CASE WHEN r.login THEN 'LOGIN' ELSE 'NOLOGIN' END),
                         ' CONNECTION LIMIT ' || r.most) AS sql,
       NULL::pg_catalog.text AS refused
FROM roles AS r WHERE r.oid IS NULL
UNION ALL
SELECT 2, pg_catalog.format('ALTER ROLE %I %s', r.name, w.words),
       CASE WHEN r.oid = 10 OR (r.rolsuper OR r.rolcreaterole) AND r.name IN (CURRENT_USER, SESSION_USER)
            THEN pg_catalog.format('the role %s is what administers the server, and cannot be a role of grants', r.name) END
FROM roles AS r
CROSS JOIN LATERAL (
    SELECT pg_catalog.concat_ws(' ',
        CASE WHEN r.rolcanlogin AND NOT r.login THEN 'NOLOGIN' WHEN r.login AND NOT r.rolcanlogin THEN 'LOGIN' END,
        CASE WHEN r.rolsuper THEN 'NOSUPERUSER' END, CASE WHEN r.rolcreatedb THEN 'NOCREATEDB' END,
        CASE WHEN r.rolcreaterole THEN 'NOCREATEROLE' END, CASE WHEN r.rolreplication THEN 'NOREPLICATION' END,
        CASE WHEN r.rolbypassrls THEN 'NOBYPASSRLS' END, CASE WHEN NOT r.rolinherit THEN 'INHERIT' END,
        CASE WHEN r.most <> r.rolconnlimit THEN 'CONNECTION LIMIT ' || r.most END) AS words
) AS w
WHERE r.oid IS NOT NULL AND w.words <> ''
UNION ALL
SELECT 3, pg_catalog.format('GRANT %I TO %I', o.name, m.name), NULL
FROM roles AS o JOIN roles AS m ON o.kind = 'owner' AND m.kind = 'migrator'
WHERE o.oid IS NULL OR m.oid IS NULL OR NOT pg_catalog.pg_has_role(m.oid, o.oid, 'USAGE')
UNION ALL
SELECT 3, pg_catalog.format('REVOKE %I FROM %I', o.name, m.name), NULL
FROM roles AS o JOIN roles AS m ON o.kind IN ('owner', 'migrator') AND m.kind NOT IN ('owner', 'migrator')
WHERE EXISTS (SELECT FROM pg_catalog.pg_auth_members AS a WHERE a.roleid = o.oid AND a.member = m.oid)
UNION ALL
SELECT 4, pg_catalog.format('ALTER ROLE %I IN DATABASE %I SET %I = %L', r.name, pg_catalog.current_database(), s.value->>'name', s.value->>'value'),
       NULL
FROM roles AS r CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(r.settings) AS s
WHERE (s.value->>'name' <> 'idle_session_timeout' OR pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 140000)
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_db_role_setting AS d JOIN pg_catalog.pg_database AS b ON b.oid = d.setdatabase
    WHERE b.datname = pg_catalog.current_database() AND d.setrole = r.oid
      AND (s.value->>'name') || '=' || (s.value->>'value') = ANY (d.setconfig))
UNION ALL
-- Who is no superuser gives objects to roles, and speaks for them, as their member only.
SELECT 5, pg_catalog.concat(pg_catalog.format('GRANT %I TO CURRENT_USER', b.name),
                            CASE WHEN pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 160000
                                 THEN ' WITH INHERIT TRUE, SET TRUE' END), NULL
FROM borrowed AS b
UNION ALL
SELECT 13, pg_catalog.format('REVOKE %I FROM CURRENT_USER', b.name), NULL FROM borrowed AS b
ORDER BY 1, 2
