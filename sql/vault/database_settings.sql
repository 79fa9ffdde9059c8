-- What ALTER DATABASE, GRANT, COMMENT and SECURITY LABEL say of the database of this session, as statements about one of another name.
-- params: text
-- columns: statement text!
SELECT pg_catalog.format(CASE WHEN s.setrole = 0 THEN 'ALTER DATABASE %1$I SET %3$I TO %4$s'
                              ELSE 'ALTER ROLE %2$I IN DATABASE %1$I SET %3$I TO %4$s' END,
                         $1::pg_catalog.text, pg_catalog.pg_get_userbyid(s.setrole), v.name,
                         CASE WHEN pg_catalog.lower(v.name) IN ('search_path', 'datestyle', 'temp_tablespaces',
                                   'session_preload_libraries', 'local_preload_libraries')
                              THEN v.value ELSE pg_catalog.quote_literal(v.value) END) AS statement
FROM pg_catalog.pg_db_role_setting AS s
JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase,
LATERAL pg_catalog.unnest(s.setconfig) AS one,
LATERAL (SELECT pg_catalog.split_part(one, '=', 1) AS name,
                pg_catalog.substr(one, pg_catalog.strpos(one, '=') + 1) AS value) AS v
WHERE d.datname = pg_catalog.current_database()
UNION ALL
SELECT pg_catalog.format('REVOKE ALL ON DATABASE %I FROM PUBLIC', $1::pg_catalog.text)
FROM pg_catalog.pg_database AS d
WHERE d.datname = pg_catalog.current_database() AND d.datacl IS NOT NULL
UNION ALL
SELECT pg_catalog.format('GRANT %s ON DATABASE %I TO %s', a.privilege_type, $1::pg_catalog.text,
                         CASE WHEN a.grantee = 0 THEN 'PUBLIC'
                              ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END)
       || CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
FROM pg_catalog.pg_database AS d, LATERAL pg_catalog.aclexplode(d.datacl) AS a
WHERE d.datname = pg_catalog.current_database()
UNION ALL
SELECT pg_catalog.format('COMMENT ON DATABASE %I IS %L', $1::pg_catalog.text, c.description)
FROM pg_catalog.pg_database AS d
JOIN pg_catalog.pg_shdescription AS c ON c.objoid = d.oid AND c.classoid = 'pg_catalog.pg_database'::pg_catalog.regclass
WHERE d.datname = pg_catalog.current_database()
UNION ALL
SELECT pg_catalog.format('SECURITY LABEL FOR %I ON DATABASE %I IS %L', l.provider, $1::pg_catalog.text, l.label)
FROM pg_catalog.pg_database AS d
JOIN pg_catalog.pg_shseclabel AS l ON l.objoid = d.oid AND l.classoid = 'pg_catalog.pg_database'::pg_catalog.regclass
WHERE d.datname = pg_catalog.current_database();
