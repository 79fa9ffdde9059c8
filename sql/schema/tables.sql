-- Tables: ordinary, partitioned, foreign; partitions and typed ones among them. Options that hold
-- secrets are left out (unrendered.sql names them), and those of a TOAST table that no column needs any more: a
-- table that is made without such a column has none.
-- params: none
-- columns: oid oid!, schema text!, name text!, owner text!, sort text!, persistence text!,
--    access_method text, tablespace text, options text, of_type text, inherits text, parents text,
--    partition_key text, server text, foreign_options text, replica_identity text!,
--    row_security bool!, force_row_security bool!
SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name,
       pg_catalog.pg_get_userbyid(c.relowner)::text AS owner,
       c.relkind::text AS sort, c.relpersistence::text AS persistence,
       am.amname::text AS access_method, ts.spcname::text AS tablespace,
       (SELECT string_agg(o.name || '=' || pg_catalog.quote_literal(o.value), ', ' ORDER BY o.name COLLATE "C")
        FROM (SELECT p.option_name AS name, p.option_value AS value
              FROM pg_catalog.pg_options_to_table(c.reloptions) p
              UNION ALL
              SELECT 'toast.' || p.option_name, p.option_value
              FROM pg_catalog.pg_class t, pg_catalog.pg_options_to_table(t.reloptions) p
              WHERE t.oid = c.reltoastrelid AND t.reloptions IS NOT NULL AND (
                  SELECT bool_or(a.attstorage <> 'p')
                         AND (bool_or(a.attlen < 0 AND (a.atttypmod < 0 OR a.atttypid NOT IN (1042, 1043, 1560, 1562, 1700)))
                              OR sum(CASE WHEN a.attlen > 0 THEN a.attlen
                                          WHEN a.atttypid IN (1042, 1043)
                                          THEN (a.atttypmod - 4) * pg_catalog.pg_encoding_max_length(d.encoding) + 4
                                          WHEN a.atttypid IN (1560, 1562) THEN a.atttypmod / 8 + 9
                                          ELSE (a.atttypmod >> 16) / 2 + 12 END) > 2000)
                  FROM pg_catalog.pg_attribute a
                  JOIN pg_catalog.pg_database d ON d.datname = pg_catalog.current_database()
                  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> 'v')) o) AS options,
       CASE WHEN c.reloftype <> 0 THEN pg_catalog.format_type(c.reloftype, NULL) END AS of_type,
       CASE WHEN NOT c.relispartition THEN
           (SELECT string_agg(i.inhparent::pg_catalog.regclass::text, ', ' ORDER BY i.inhseqno)
            FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid) END AS inherits,
       CASE WHEN NOT c.relispartition THEN
           (SELECT string_agg(i.inhparent::pg_catalog.regclass::text, ', '
                              ORDER BY i.inhparent::pg_catalog.regclass::text COLLATE "C")
            FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid) END AS parents,
       CASE c.relkind WHEN 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END AS partition_key,
       pg_catalog.quote_ident(s.srvname) AS server,
       (SELECT string_agg(pg_catalog.quote_ident(p.option_name) || ' ' || pg_catalog.quote_literal(p.option_value),
                          ', ' ORDER BY p.option_name COLLATE "C")
        FROM pg_catalog.pg_options_to_table(f.ftoptions) p
        WHERE p.option_name !~* '(pass|pwd|secret|token|credential|private|api_?key|access_?key)'
          AND p.option_value !~* '(passw(or)?d|pwd|secret)[[:space:]]*=|://[^/@:[:space:]]*:[^/@[:space:]]+@') AS foreign_options,
       CASE c.relreplident
           WHEN 'd' THEN 'DEFAULT' WHEN 'n' THEN 'NOTHING' WHEN 'f' THEN 'FULL'
           ELSE 'USING INDEX ' || coalesce(
               (SELECT pg_catalog.quote_ident(ic.relname) FROM pg_catalog.pg_index i
                JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
                WHERE i.indrelid = c.oid AND i.indisreplident), '') END AS replica_identity,
       c.relrowsecurity AS row_security, c.relforcerowsecurity AS force_row_security
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam AND c.relam <> 2
LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
LEFT JOIN pg_catalog.pg_foreign_table f ON f.ftrelid = c.oid
LEFT JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver
WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'godwit')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 1259 AND e.objid = c.oid AND e.deptype = 'e')
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C";
