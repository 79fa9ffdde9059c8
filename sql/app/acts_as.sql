-- As whom sessions act that log in as $1: as this one does, where it is the same login; else as the login's settings
-- make it (ALTER ROLE … SET role), the strongest level first; else as itself.
-- params: text
-- columns: role text!
SELECT CASE WHEN $1::pg_catalog.text = session_user::pg_catalog.text THEN current_user::pg_catalog.text
            ELSE COALESCE((SELECT NULLIF(pg_catalog.substr(e.entry, 6), 'none')
                             FROM pg_catalog.pg_db_role_setting AS s
                            CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS e (entry)
                            WHERE e.entry LIKE 'role=%'
                              AND s.setdatabase IN (0, (SELECT d.oid FROM pg_catalog.pg_database AS d
                                                         WHERE d.datname = pg_catalog.current_database()))
                              AND s.setrole IN (0, (SELECT r.oid FROM pg_catalog.pg_roles AS r
                                                     WHERE r.rolname = $1::pg_catalog.name))
                            ORDER BY (s.setrole <> 0) DESC, (s.setdatabase <> 0) DESC
                            LIMIT 1), $1::pg_catalog.text) END AS role
