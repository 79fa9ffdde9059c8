-- B-tree indexes of some size that take more than twice the pages that their entries need, as the planner's figures
-- of their columns tell it. A column without figures makes no verdict.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
WITH big AS (
    SELECT x.indexrelid, x.indrelid, x.indkey, i.relname, i.relpages, i.reltuples, n.nspname,
           t.relname AS table_name, tn.nspname AS table_schema,
           coalesce((SELECT o.option_value FROM pg_catalog.pg_options_to_table(i.reloptions) AS o
                     WHERE o.option_name = 'fillfactor')::pg_catalog.numeric, 90) / 100 AS fill,
           pg_catalog.current_setting('block_size')::pg_catalog.int8 AS block
    FROM pg_catalog.pg_index AS x
    JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid
    JOIN pg_catalog.pg_am AS m ON m.oid = i.relam AND m.amname = 'btree'
    JOIN pg_catalog.pg_namespace AS n ON n.oid = i.relnamespace
    JOIN pg_catalog.pg_class AS t ON t.oid = x.indrelid
    JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.relnamespace
    WHERE i.relpages >= 512 AND i.reltuples >= 0 AND x.indisvalid AND i.relpersistence <> 't'
      AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
), wide AS (
    SELECT b.indexrelid, pg_catalog.sum(CASE WHEN a.attlen > 0 THEN a.attlen ELSE s.avg_width END) AS width,
           pg_catalog.bool_or(a.attlen < 0 AND s.avg_width IS NULL) AS unknown
    FROM big AS b
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = b.indexrelid AND a.attnum > 0
    LEFT JOIN pg_catalog.pg_attribute AS c ON c.attrelid = b.indrelid AND c.attnum = b.indkey[a.attnum - 1] AND c.attnum > 0
    LEFT JOIN pg_catalog.pg_stats AS s ON s.schemaname = b.table_schema
        AND s.tablename = CASE WHEN c.attname IS NULL THEN b.relname ELSE b.table_name END
        AND s.attname = coalesce(c.attname, a.attname) AND NOT s.inherited
    GROUP BY b.indexrelid
)
SELECT NULL::pg_catalog.text AS severity,
       pg_catalog.format('%I.%I', b.nspname, b.relname) AS object,
       pg_catalog.format('%s where about %s would do', pg_catalog.pg_size_pretty(b.relpages * b.block),
                         pg_catalog.pg_size_pretty((p.pages * b.block)::pg_catalog.int8)) AS evidence,
       pg_catalog.format('REINDEX INDEX CONCURRENTLY %I.%I', b.nspname, b.relname) AS sql
FROM big AS b
JOIN wide AS w ON w.indexrelid = b.indexrelid AND NOT w.unknown
CROSS JOIN LATERAL (SELECT pg_catalog.ceil(b.reltuples::pg_catalog.numeric * (12 + pg_catalog.ceil(w.width / 8.0) * 8)
                                           / ((b.block - 40) * b.fill)) + 1 AS pages) AS p
WHERE b.relpages > 2 * p.pages
ORDER BY b.relpages - p.pages DESC;
