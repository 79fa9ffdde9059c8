-- Has the target this role?
-- params: text
-- columns: known bool!
SELECT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = $1::pg_catalog.text) AS known;
