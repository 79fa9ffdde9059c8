-- Databases whose oldest transaction id is older than where autovacuum has to freeze, so that freezing cannot keep up.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT CASE WHEN a.age > 1200000000 THEN 'error' END AS severity,
       pg_catalog.quote_ident(d.datname) AS object,
       pg_catalog.format('its oldest transaction id is %s behind (autovacuum_freeze_max_age is %s, the end is at 2147483647)%s',
                         a.age, pg_catalog.current_setting('autovacuum_freeze_max_age'),
                         CASE WHEN d.datname = pg_catalog.current_database()
                              THEN '; the oldest table is ' || (
                                  SELECT c.oid::pg_catalog.regclass::pg_catalog.text FROM pg_catalog.pg_class AS c
                                  WHERE c.relkind IN ('r', 'm', 't') AND c.relfrozenxid <> '0'
                                  ORDER BY pg_catalog.age(c.relfrozenxid) DESC LIMIT 1)
                              ELSE '' END) AS evidence,
       CASE WHEN d.datname = pg_catalog.current_database() THEN 'VACUUM (FREEZE)' END AS sql
FROM pg_catalog.pg_database AS d
CROSS JOIN LATERAL (SELECT pg_catalog.age(d.datfrozenxid)::pg_catalog.int8 AS age) AS a
WHERE a.age > pg_catalog.current_setting('autovacuum_freeze_max_age')::pg_catalog.numeric * 1.1
ORDER BY a.age DESC;
