-- Defaults of domains. They have no row of their own in the catalog; depends.sql says what they need
-- under class 1.
-- params: none
-- columns: oid oid!, parent oid!, name text!, expression text!
SELECT t.oid, t.oid AS parent, 'default' AS name, pg_catalog.pg_get_expr(t.typdefaultbin, 0) AS expression
FROM pg_catalog.pg_type t
WHERE t.typtype = 'd' AND t.oid >= 16384 AND t.typdefaultbin IS NOT NULL
ORDER BY t.oid;
