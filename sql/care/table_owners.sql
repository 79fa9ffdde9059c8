-- Roles that own tables of this database and that something works as, beside Godwit: an application that owns its tables
-- can drop them, and turn off their row security.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT NULL::pg_catalog.text AS severity, pg_catalog.quote_ident(r.rolname) AS object,
       pg_catalog.format('owns %s tables and is what %s sessions work as (%s)', o.tables, a.sessions, a.programs) AS evidence,
       NULL::pg_catalog.text AS sql
FROM (SELECT a.usesysid, pg_catalog.count(*) AS sessions,
             pg_catalog.string_agg(DISTINCT coalesce(nullif(a.application_name, ''), '?'), ', ') AS programs
      FROM pg_catalog.pg_stat_activity AS a
      WHERE a.datname = pg_catalog.current_database() AND a.pid <> pg_catalog.pg_backend_pid()
        AND a.application_name !~ '^(godwit|pg_dump|pg_restore|psql)'
      GROUP BY a.usesysid) AS a
JOIN pg_catalog.pg_roles AS r ON r.oid = a.usesysid
JOIN (SELECT c.relowner, pg_catalog.count(*) AS tables
      FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'godwit')
      GROUP BY c.relowner) AS o ON o.relowner = r.oid
ORDER BY r.rolname;
