-- The settings that sessions of login $1 (NULL: of this one) in this database begin with, each as its strongest
-- level has it: role in database, role, database, all; and of the server's own configuration those
-- that change what a file means. Of another login's settings what this session was given for itself, by its own
-- login or its connection, is no part.
-- params: text
-- columns: name text!, value text!
-- min: 12
SELECT DISTINCT ON (c.name)
       c.name AS name,
       c.value AS value
  FROM (SELECT pg_catalog.split_part(e.entry, '=', 1) AS name,
               pg_catalog.substr(e.entry, pg_catalog.strpos(e.entry, '=') + 1) AS value,
               1 + (s.setrole <> 0)::pg_catalog.int4 * 2 + (s.setdatabase <> 0)::pg_catalog.int4
                   AS strength
          FROM pg_catalog.pg_db_role_setting AS s
         CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS e (entry)
         WHERE s.setdatabase IN (0, (SELECT d.oid
                                       FROM pg_catalog.pg_database AS d
                                      WHERE d.datname = pg_catalog.current_database()))
           AND s.setrole IN (0, (SELECT r.oid
                                   FROM pg_catalog.pg_roles AS r
                                  WHERE r.rolname = COALESCE($1::pg_catalog.text::pg_catalog.name, SESSION_USER)))
         UNION ALL
        SELECT g.name, g.reset_val, 0
          FROM pg_catalog.pg_settings AS g
         WHERE g.reset_val IS DISTINCT FROM g.boot_val
           AND g.name IN ('array_nulls', 'check_function_bodies', 'DateStyle',
                          'default_table_access_method', 'default_tablespace',
                          'default_text_search_config', 'default_toast_compression',
                          'IntervalStyle', 'lc_monetary', 'lc_numeric', 'lc_time',
                          'row_security', 'search_path', 'standard_conforming_strings',
                          'TimeZone', 'transform_null_equals', 'xmloption')
           AND (COALESCE($1::pg_catalog.text::pg_catalog.name, SESSION_USER) = SESSION_USER
                OR (g.source <> 'client'
                    AND NOT EXISTS (SELECT FROM pg_catalog.pg_db_role_setting AS o
                                     CROSS JOIN LATERAL pg_catalog.unnest(o.setconfig) AS e (entry)
                                     WHERE o.setrole = (SELECT r.oid
                                                          FROM pg_catalog.pg_roles AS r
                                                         WHERE r.rolname = SESSION_USER)
                                       AND pg_catalog.split_part(e.entry, '=', 1) = g.name)))) AS c
 ORDER BY c.name, c.strength DESC;
