-- A table, view or the like by its name: what it is and what this role may do with it. rows is an estimate.
-- params: text, text
-- columns: oid bigint!, kind text!, unlogged boolean!, row_security boolean!, may_use boolean!, may_select boolean!,
--   may_insert boolean!, may_update boolean!, may_delete boolean!, owned boolean!, rows bigint!, triggers integer!
SELECT c.oid::bigint AS oid, c.relkind::text AS kind, c.relpersistence = 'u' AS unlogged,
       pg_catalog.row_security_active(c.oid) AS row_security,
       pg_catalog.has_schema_privilege(c.relnamespace, 'USAGE') AS may_use,
       pg_catalog.has_table_privilege(c.oid, 'SELECT') AS may_select,
       pg_catalog.has_table_privilege(c.oid, 'INSERT') AS may_insert,
       pg_catalog.has_table_privilege(c.oid, 'UPDATE') AS may_update,
       pg_catalog.has_table_privilege(c.oid, 'DELETE') AS may_delete,
       pg_catalog.pg_has_role(c.relowner, 'USAGE') AS owned, greatest(c.reltuples, 0)::bigint AS rows,
       (SELECT count(*)::integer FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal) AS triggers
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1::pg_catalog.text AND c.relname = $2::pg_catalog.text AND c.relkind IN ('r', 'p', 'v', 'm', 'f');
