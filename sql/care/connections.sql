-- How near the server, this database and each role are to their limits of connections: from 80 percent on.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT CASE WHEN u.used >= 0.95 * u.most THEN 'error' END AS severity, u.object,
       pg_catalog.format('%s of %s connections are taken', u.used, u.most) AS evidence, NULL::pg_catalog.text AS sql
FROM (
    SELECT 'server' AS object, (SELECT pg_catalog.sum(d.numbackends) FROM pg_catalog.pg_stat_database AS d) AS used,
           (SELECT pg_catalog.sum(CASE s.name WHEN 'max_connections' THEN 1 ELSE -1 END * s.setting::pg_catalog.int8)
            FROM pg_catalog.pg_settings AS s
            WHERE s.name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections')) AS most
    UNION ALL
    SELECT 'database ' || pg_catalog.quote_ident(d.datname), s.numbackends, d.datconnlimit
    FROM pg_catalog.pg_database AS d JOIN pg_catalog.pg_stat_database AS s ON s.datid = d.oid
    WHERE d.datconnlimit > 0
    UNION ALL
    SELECT 'role ' || pg_catalog.quote_ident(r.rolname),
           (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity AS a WHERE a.usesysid = r.oid), r.rolconnlimit
    FROM pg_catalog.pg_roles AS r WHERE r.rolconnlimit > 0
) AS u
WHERE u.used >= 0.8 * u.most
ORDER BY u.used / u.most::pg_catalog.numeric DESC, u.object;
