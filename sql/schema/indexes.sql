-- Indexes, but for those of constraints. Statistics targets are 'column number=target'. An index of a
-- table without partitions waits for none, though the server may still call it invalid.
-- params: none
-- columns: oid oid!, schema text!, parent oid!, name text!, definition text!, valid bool!,
--    clustered bool!, tablespace text, statistics text, parent_index text, partitioned bool!
SELECT i.indexrelid AS oid, n.nspname::text AS schema, i.indrelid AS parent, c.relname::text AS name,
       pg_catalog.pg_get_indexdef(i.indexrelid) AS definition,
       i.indisvalid OR (c.relkind = 'I' AND NOT EXISTS (
           SELECT FROM pg_catalog.pg_inherits h WHERE h.inhparent = i.indrelid)) AS valid,
       i.indisclustered AS clustered, ts.spcname::text AS tablespace,
       (SELECT string_agg(a.attnum || '=' || a.attstattarget, ', ' ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0) AS statistics,
       (SELECT h.inhparent::pg_catalog.regclass::text FROM pg_catalog.pg_inherits h
        WHERE h.inhrelid = i.indexrelid) AS parent_index,
       c.relkind = 'I' AS partitioned
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
WHERE i.indexrelid >= 16384 AND n.nspname NOT IN ('pg_toast', 'information_schema', 'godwit')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k
                  WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C";
