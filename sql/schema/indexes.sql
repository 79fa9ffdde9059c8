-- Indexes, but for those of constraints. Statistics targets are 'column number=target'. An index of a
-- table without partitions waits for none, though the server may still call it invalid. options: as the
-- definition has them, sorted there and here, for ALTER INDEX puts them behind what is there.
-- params: none
-- columns: oid oid!, schema text!, parent oid!, name text!, definition text!, valid bool!,
--    clustered bool!, tablespace text, statistics text, parent_index text, partitioned bool!,
--    options text
SELECT i.indexrelid AS oid, n.nspname::text AS schema, i.indrelid AS parent, c.relname::text AS name,
       CASE WHEN o.sorted IS NULL THEN pg_catalog.pg_get_indexdef(i.indexrelid)
            ELSE replace(pg_catalog.pg_get_indexdef(i.indexrelid), ' WITH (' || o.as_they_are || ')',
                         ' WITH (' || o.sorted || ')') END
           AS definition,
       i.indisvalid OR (c.relkind = 'I' AND NOT EXISTS (
           SELECT FROM pg_catalog.pg_inherits h WHERE h.inhparent = i.indrelid)) AS valid,
       i.indisclustered AS clustered, ts.spcname::text AS tablespace,
       (SELECT string_agg(a.attnum || '=' || a.attstattarget, ', ' ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0) AS statistics,
       (SELECT h.inhparent::pg_catalog.regclass::text FROM pg_catalog.pg_inherits h
        WHERE h.inhrelid = i.indexrelid) AS parent_index,
       c.relkind = 'I' AS partitioned, o.sorted AS options
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
CROSS JOIN LATERAL (
    SELECT string_agg(p.text, ', ' ORDER BY p.n) AS as_they_are, string_agg(p.text, ', ' ORDER BY p.text COLLATE "C") AS sorted
    FROM (SELECT q.ordinality AS n, quote_ident(q.option_name) || '=' || CASE
                     WHEN quote_ident(q.option_value) = q.option_value THEN q.option_value
                     ELSE quote_literal(q.option_value) END AS text
          FROM pg_catalog.pg_options_to_table(c.reloptions) WITH ORDINALITY AS q) p) o
WHERE i.indexrelid >= 16384 AND n.nspname NOT IN ('pg_toast', 'information_schema', 'godwit')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k
                  WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C";
