-- Materialized views.
-- params: none
-- columns: oid oid!, schema text!, name text!, owner text!, definition text!, options text,
--    access_method text, tablespace text, populated bool!
SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name,
       pg_catalog.pg_get_userbyid(c.relowner)::text AS owner,
       pg_catalog.pg_get_viewdef(c.oid) AS definition,
       (SELECT string_agg(o.name || '=' || pg_catalog.quote_literal(o.value), ', ' ORDER BY o.name COLLATE "C")
        FROM (SELECT p.option_name AS name, p.option_value AS value
              FROM pg_catalog.pg_options_to_table(c.reloptions) p
              UNION ALL
              SELECT 'toast.' || p.option_name, p.option_value
              FROM pg_catalog.pg_class t, pg_catalog.pg_options_to_table(t.reloptions) p
              WHERE t.oid = c.reltoastrelid) o) AS options,
       am.amname::text AS access_method, ts.spcname::text AS tablespace, c.relispopulated AS populated
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam AND c.relam <> 2
LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
WHERE c.relkind = 'm' AND c.oid >= 16384
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'godwit')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 1259 AND e.objid = c.oid AND e.deptype = 'e')
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C";
