-- Schemas in which everybody may make objects: whoever may connect can put a function or a table before yours.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT NULL::pg_catalog.text AS severity, pg_catalog.quote_ident(n.nspname) AS object,
       'PUBLIC may make objects in it' AS evidence,
       pg_catalog.format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', n.nspname) AS sql
FROM pg_catalog.pg_namespace AS n,
LATERAL pg_catalog.aclexplode(n.nspacl) AS a
WHERE a.grantee = 0 AND a.privilege_type = 'CREATE' AND n.nspname !~ '^pg_'
ORDER BY n.nspname;
