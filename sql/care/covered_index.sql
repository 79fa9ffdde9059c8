-- Plain B-tree indexes whose columns are the first ones of another, which can serve their queries too.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT DISTINCT ON (n.nspname, i.relname) NULL::pg_catalog.text AS severity,
       pg_catalog.format('%I.%I', n.nspname, i.relname) AS object,
       pg_catalog.format('%s; %I.%I begins with the same columns', pg_catalog.pg_size_pretty(i.relpages::pg_catalog.int8
                             * pg_catalog.current_setting('block_size')::pg_catalog.int8), n.nspname, o.relname) AS evidence,
       pg_catalog.format('DROP INDEX %s%I.%I', CASE i.relkind WHEN 'I' THEN '' ELSE 'CONCURRENTLY ' END,
                         n.nspname, i.relname) AS sql
FROM pg_catalog.pg_index AS a
JOIN pg_catalog.pg_class AS i ON i.oid = a.indexrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = i.relnamespace
JOIN pg_catalog.pg_am AS m ON m.oid = i.relam AND m.amname = 'btree'
JOIN pg_catalog.pg_index AS b ON b.indrelid = a.indrelid AND b.indisvalid AND b.indpred IS NULL
    AND b.indkey::pg_catalog.text LIKE a.indkey::pg_catalog.text || ' %'
    AND b.indclass::pg_catalog.text LIKE a.indclass::pg_catalog.text || ' %'
    AND b.indcollation::pg_catalog.text LIKE a.indcollation::pg_catalog.text || ' %'
    AND b.indoption::pg_catalog.text LIKE a.indoption::pg_catalog.text || ' %'
JOIN pg_catalog.pg_class AS o ON o.oid = b.indexrelid AND o.relam = i.relam
WHERE a.indisvalid AND NOT a.indisunique AND NOT a.indisreplident AND a.indexprs IS NULL AND a.indpred IS NULL
  AND a.indnatts = a.indnkeyatts
  AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'godwit')
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_inherits AS h WHERE h.inhrelid = a.indexrelid)
ORDER BY n.nspname, i.relname, o.relname;
