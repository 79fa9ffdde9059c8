-- Views. The options carry check_option, security_barrier and security_invoker.
-- params: none
-- columns: oid oid!, schema text!, name text!, owner text!, definition text!, options text,
--    columns text!
SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name,
       pg_catalog.pg_get_userbyid(c.relowner)::text AS owner,
       pg_catalog.pg_get_viewdef(c.oid) AS definition,
       (SELECT string_agg(p.option_name || '=' || pg_catalog.quote_literal(p.option_value), ', '
                          ORDER BY p.option_name COLLATE "C")
        FROM pg_catalog.pg_options_to_table(c.reloptions) p) AS options,
       (SELECT string_agg(pg_catalog.quote_ident(a.attname) || ' '
                          || pg_catalog.format_type(a.atttypid, a.atttypmod)
                          || CASE WHEN a.attcollation NOT IN (0, 100)
                                  THEN (SELECT ' COLLATE ' || pg_catalog.quote_ident(cn.nspname) || '.'
                                               || pg_catalog.quote_ident(co.collname)
                                        FROM pg_catalog.pg_collation co
                                        JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
                                        WHERE co.oid = a.attcollation)
                                  ELSE '' END, ', ' ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'v' AND c.oid >= 16384 AND c.relpersistence <> 't'
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'godwit')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 1259 AND e.objid = c.oid AND e.deptype = 'e')
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C";
