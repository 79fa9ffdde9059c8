-- Constraints of tables, but for NOT NULL (columns.sql) and foreign keys that a partitioned table
-- hands down. index_columns: what the server puts into the name of an EXCLUDE.
-- params: none
-- columns: oid oid!, parent oid!, name text!, sort text!, definition text!, validated bool!,
--    deferrable bool!, deferred bool!, index_options text, tablespace text, clustered bool!,
--    inherited bool!, parent_index text, local bool!, index_comment text, index_columns text
SELECT k.oid, k.conrelid AS parent, k.conname::text AS name, k.contype::text AS sort,
       pg_catalog.pg_get_constraintdef(k.oid) AS definition, k.convalidated AS validated,
       k.condeferrable AS deferrable, k.condeferred AS deferred,
       (SELECT string_agg(p.option_name || '=' || pg_catalog.quote_literal(p.option_value), ', '
                          ORDER BY p.option_name COLLATE "C")
        FROM pg_catalog.pg_options_to_table(ic.reloptions) p) AS index_options,
       ts.spcname::text AS tablespace, coalesce(i.indisclustered, false) AS clustered,
       k.coninhcount > 0 AS inherited,
       (SELECT h.inhparent::pg_catalog.regclass::text FROM pg_catalog.pg_inherits h
        WHERE h.inhrelid = i.indexrelid) AS parent_index,
       k.conislocal AS local,
       pg_catalog.obj_description(i.indexrelid, 'pg_class') AS index_comment,
       CASE k.contype WHEN 'x' THEN
           (SELECT string_agg(a.attname, '_' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
            WHERE a.attrelid = i.indexrelid) END AS index_columns
FROM pg_catalog.pg_constraint k
LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = ic.reltablespace
WHERE k.contype IN ('p', 'u', 'c', 'f', 'x') AND k.conrelid >= 16384
  AND NOT (k.contype = 'f' AND k.conparentid <> 0)
ORDER BY k.conrelid, k.contype = 'f', k.conname COLLATE "C";
