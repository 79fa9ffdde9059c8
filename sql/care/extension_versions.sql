-- Extensions of which the server has a newer version than this database.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT NULL::pg_catalog.text AS severity, pg_catalog.quote_ident(e.extname) AS object,
       pg_catalog.format('is at %s, the server has %s', e.extversion, v.default_version) AS evidence,
       pg_catalog.format('ALTER EXTENSION %I UPDATE', e.extname) AS sql
FROM pg_catalog.pg_extension AS e
JOIN pg_catalog.pg_available_extensions AS v ON v.name = e.extname
WHERE v.default_version <> e.extversion
ORDER BY e.extname;
