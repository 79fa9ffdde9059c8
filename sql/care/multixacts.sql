-- Databases whose oldest multixact (a row locked by several) is older than where autovacuum has to freeze.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT CASE WHEN a.age > 1200000000 THEN 'error' END AS severity,
       pg_catalog.quote_ident(d.datname) AS object,
       pg_catalog.format('its oldest multixact is %s behind (autovacuum_multixact_freeze_max_age is %s)', a.age,
                         pg_catalog.current_setting('autovacuum_multixact_freeze_max_age')) AS evidence,
       CASE WHEN d.datname = pg_catalog.current_database() THEN 'VACUUM (FREEZE)' END AS sql
FROM pg_catalog.pg_database AS d
CROSS JOIN LATERAL (SELECT pg_catalog.mxid_age(d.datminmxid)::pg_catalog.int8 AS age) AS a
WHERE a.age > pg_catalog.current_setting('autovacuum_multixact_freeze_max_age')::pg_catalog.numeric * 1.1
ORDER BY a.age DESC;
