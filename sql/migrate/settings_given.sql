-- What ALTER DATABASE … SET and ALTER ROLE … SET give to the sessions that this login opens in this database from now on.
-- params: none
-- columns: given text!
SELECT COALESCE(pg_catalog.string_agg(pg_catalog.concat_ws(' ', s.setdatabase, s.setrole, s.setconfig::pg_catalog.text), ' '
                                      ORDER BY s.setdatabase, s.setrole), '') AS given
  FROM pg_catalog.pg_db_role_setting AS s
 WHERE s.setdatabase OPERATOR(pg_catalog.=) ANY (ARRAY[0::pg_catalog.oid, (
           SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())])
   AND s.setrole OPERATOR(pg_catalog.=) ANY (ARRAY[0::pg_catalog.oid, (
           SELECT r.oid FROM pg_catalog.pg_roles AS r WHERE r.rolname OPERATOR(pg_catalog.=) session_user)]);
