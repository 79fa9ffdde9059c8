-- Indexes that are the same as another of their table in all but the name; the one that holds a rule stays.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
WITH ranked AS (
    SELECT x.*, c.relname, c.relam, c.relkind, n.nspname, c.relpages,
           CASE WHEN x.indisprimary OR x.indisreplident OR x.indisexclusion
                     OR EXISTS (SELECT 1 FROM pg_catalog.pg_constraint AS k WHERE k.conindid = x.indexrelid) THEN 0
                WHEN x.indisunique THEN 1 WHEN x.indisclustered THEN 2 ELSE 3 END AS place,
           coalesce(pg_catalog.pg_get_expr(x.indexprs, x.indrelid), '') AS expressions,
           coalesce(pg_catalog.pg_get_expr(x.indpred, x.indrelid), '') AS predicate
    FROM pg_catalog.pg_index AS x
    JOIN pg_catalog.pg_class AS c ON c.oid = x.indexrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE x.indisvalid AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'godwit')
      AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_inherits AS h WHERE h.inhrelid = x.indexrelid)
)
SELECT DISTINCT ON (a.nspname, a.relname) NULL::pg_catalog.text AS severity,
       pg_catalog.format('%I.%I', a.nspname, a.relname) AS object,
       pg_catalog.format('%s, the same as %I.%I', pg_catalog.pg_size_pretty(a.relpages::pg_catalog.int8
                             * pg_catalog.current_setting('block_size')::pg_catalog.int8),
                         b.nspname, b.relname) AS evidence,
       pg_catalog.format('DROP INDEX %s%I.%I', CASE a.relkind WHEN 'I' THEN '' ELSE 'CONCURRENTLY ' END,
                         a.nspname, a.relname) AS sql
FROM ranked AS a
JOIN ranked AS b ON b.indrelid = a.indrelid AND b.indexrelid <> a.indexrelid AND b.relam = a.relam
    AND b.indkey::pg_catalog.text = a.indkey::pg_catalog.text AND b.indnkeyatts = a.indnkeyatts
    AND b.indclass::pg_catalog.text = a.indclass::pg_catalog.text
    AND b.indcollation::pg_catalog.text = a.indcollation::pg_catalog.text
    AND b.indoption::pg_catalog.text = a.indoption::pg_catalog.text
    AND b.expressions = a.expressions AND b.predicate = a.predicate
    AND (b.place, b.indexrelid) < (a.place, a.indexrelid) AND (b.indisunique OR NOT a.indisunique)
    AND (NOT a.indisunique OR pg_catalog.to_jsonb(a) -> 'indnullsnotdistinct'
                              IS NOT DISTINCT FROM pg_catalog.to_jsonb(b) -> 'indnullsnotdistinct')
WHERE a.place > 0
ORDER BY a.nspname, a.relname, b.place, b.indexrelid;
