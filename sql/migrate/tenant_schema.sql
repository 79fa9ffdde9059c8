-- The schema of a tenant, by its OID ($1): what it is called now, and whether a role ($2) may use it. No row: it is gone.
-- params: oid, text
-- columns: name text!, may_use boolean
SELECT n.nspname::pg_catalog.text AS name,
       (SELECT pg_catalog.has_schema_privilege(r.oid, n.oid, 'USAGE') FROM pg_catalog.pg_roles AS r
         WHERE r.rolname OPERATOR(pg_catalog.=) $2::pg_catalog.text) AS may_use
  FROM pg_catalog.pg_namespace AS n
 WHERE n.oid OPERATOR(pg_catalog.=) $1;
