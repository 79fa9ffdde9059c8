-- Which database this is: two addresses of one database are the same by system identifier and oid.
-- params: none
-- columns: version integer!, system_identifier text!, database_oid bigint!, database text!, role text!, standby boolean!,
--   superuser boolean!
SELECT pg_catalog.current_setting('server_version_num')::integer AS version, c.system_identifier::text AS system_identifier,
       d.oid::bigint AS database_oid, d.datname::text AS database, current_user::text AS role,
       pg_catalog.pg_is_in_recovery() AS standby, r.rolsuper AS superuser
FROM pg_catalog.pg_control_system() c, pg_catalog.pg_database d, pg_catalog.pg_roles r
WHERE d.datname = pg_catalog.current_database() AND r.rolname = current_user;
