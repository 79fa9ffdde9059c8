-- Indexes of a plain table of this role's that can be made anew from their definitions alone, and nothing hangs on them: no foreign
-- key, no view, no replica identity, no publication, no CLUSTER. columns: of a unique one, where it is of columns alone; else NULL.
-- params: bigint
-- columns: is_unique boolean!, columns text, gone text!, again text!
SELECT i.indisunique AS is_unique,
       (SELECT pg_catalog.json_agg(a.attname ORDER BY k.place)::pg_catalog.text
        FROM unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY k (number, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
        WHERE k.place <= i.indnkeyatts AND i.indexprs IS NULL) AS columns,
       CASE WHEN n.oid IS NULL THEN pg_catalog.format('DROP INDEX %I.%I', s.nspname, x.relname)
            ELSE pg_catalog.format('ALTER TABLE %I.%I DROP CONSTRAINT %I', s.nspname, c.relname, n.conname) END AS gone,
       pg_catalog.pg_get_indexdef(x.oid)
       || CASE WHEN n.oid IS NULL THEN ''
               ELSE pg_catalog.format('; ALTER TABLE %I.%I ADD CONSTRAINT %I %s USING INDEX %I%s%s', s.nspname, c.relname,
                                      n.conname, CASE n.contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END, x.relname,
                                      CASE WHEN n.condeferrable THEN ' DEFERRABLE' ELSE '' END,
                                      CASE WHEN n.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END) END
       || coalesce('; COMMENT ON INDEX ' || pg_catalog.format('%I.%I', s.nspname, x.relname) || ' IS '
                   || pg_catalog.quote_literal(pg_catalog.obj_description(x.oid, 'pg_class')), '')
       || coalesce('; COMMENT ON CONSTRAINT ' || pg_catalog.quote_ident(n.conname) || pg_catalog.format(' ON %I.%I', s.nspname, c.relname) || ' IS '
                   || pg_catalog.quote_literal(pg_catalog.obj_description(n.oid, 'pg_constraint')), '') AS again
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
JOIN pg_catalog.pg_index i ON i.indrelid = c.oid
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
LEFT JOIN pg_catalog.pg_constraint n ON n.conindid = x.oid AND n.conrelid = c.oid AND n.contype IN ('p', 'u', 'x')
WHERE c.oid = $1::pg_catalog.int8::pg_catalog.oid AND c.relkind = 'r' AND NOT c.relispartition AND NOT c.relhassubclass
  AND pg_catalog.pg_has_role(c.relowner, 'USAGE')
  AND pg_catalog.has_schema_privilege(c.relnamespace, 'CREATE')
  AND i.indisvalid AND i.indisready AND i.indislive AND NOT i.indisreplident AND NOT i.indisclustered
  AND NOT i.indisexclusion AND x.reltablespace = 0
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_publication)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint f WHERE f.conindid = x.oid AND f.contype = 'f')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = x.oid)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.refclassid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.refobjid = n.oid
                    AND NOT (d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = x.oid))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.deptype = 'e' AND d.objid IN (x.oid, n.oid))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = x.oid AND a.attstattarget > 0)
ORDER BY i.indisprimary DESC, x.relname
