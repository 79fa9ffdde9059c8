-- What the role of this session may see of the server and its database, for the checks of the doctor.
-- params: none
-- columns: stats boolean!, passwords boolean!, access boolean!, rows boolean!, sequences boolean!,
--          statements boolean!, loaded boolean!
SELECT pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') AS stats,
       pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT') AS passwords,
       pg_catalog.has_function_privilege('pg_catalog.pg_hba_file_rules()', 'EXECUTE') AS access,
       NOT EXISTS (SELECT 1 FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                   WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
                     AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'godwit')
                     AND NOT pg_catalog.has_table_privilege(c.oid, 'SELECT')) AS rows,
       NOT EXISTS (SELECT 1 FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                   WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND n.nspname <> 'godwit'
                     AND CASE WHEN c.relkind = 'S' THEN NOT pg_catalog.has_sequence_privilege(c.oid, 'USAGE, SELECT') END) AS sequences,
       EXISTS (SELECT 1 FROM pg_catalog.pg_extension AS e WHERE e.extname = 'pg_stat_statements') AS statements,
       pg_catalog.current_setting('pg_stat_statements.max', true) IS NOT NULL AS loaded;
