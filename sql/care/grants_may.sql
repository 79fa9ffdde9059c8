-- May this role make and change roles?
-- params: none
-- columns: may boolean!
SELECT r.rolsuper OR r.rolcreaterole AS may FROM pg_catalog.pg_roles AS r WHERE r.rolname = CURRENT_USER
