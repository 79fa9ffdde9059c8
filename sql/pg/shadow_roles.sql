-- The roles of a server.
-- params: none
-- columns: oid oid!, name text!
-- min: 12
SELECT r.oid AS oid,
       r.rolname::pg_catalog.text AS name
  FROM pg_catalog.pg_roles AS r
 ORDER BY r.oid;
