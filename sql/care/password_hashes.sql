-- Roles that can log in with a password that is kept as MD5.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT NULL::pg_catalog.text AS severity, pg_catalog.quote_ident(r.rolname) AS object,
       'its password is kept as MD5' AS evidence, NULL::pg_catalog.text AS sql
FROM pg_catalog.pg_authid AS r
WHERE r.rolcanlogin AND r.rolpassword LIKE 'md5%'
ORDER BY r.rolname;
