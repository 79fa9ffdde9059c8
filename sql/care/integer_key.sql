-- Keys of 32 bits or fewer whose values, as the planner's figures of them know, are near the end, and that no sequence
-- of their own fills (sequence_end sees those).
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT CASE WHEN v.top >= 0.9 * l.most THEN 'error' END AS severity,
       pg_catalog.format('%I.%I', n.nspname, t.relname) AS object,
       pg_catalog.format('%I (%s) holds %s and ends at %s', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
                         v.top, l.most) AS evidence,
       pg_catalog.format('ALTER TABLE %I.%I ALTER COLUMN %I TYPE bigint', n.nspname, t.relname, a.attname) AS sql
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS t ON t.oid = a.attrelid AND t.relkind IN ('r', 'p')
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
JOIN pg_catalog.pg_stats AS s ON s.schemaname = n.nspname AND s.tablename = t.relname AND s.attname = a.attname
    AND s.inherited = (t.relkind = 'p')
CROSS JOIN LATERAL (SELECT CASE a.atttypid WHEN 21 THEN 32767 ELSE 2147483647 END::pg_catalog.int8 AS most) AS l
CROSS JOIN LATERAL (
    SELECT CASE WHEN a.atttypid IN (21, 23)
                THEN (SELECT pg_catalog.max(b) FROM pg_catalog.unnest(
                          s.histogram_bounds::pg_catalog.text::pg_catalog.int8[]) AS b) END AS top
) AS v
WHERE a.atttypid IN (21, 23) AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname <> 'godwit'
  AND EXISTS (SELECT 1 FROM pg_catalog.pg_index AS x
              WHERE x.indrelid = a.attrelid AND x.indisunique AND x.indnkeyatts = 1 AND x.indkey[0] = a.attnum)
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend AS d
                  JOIN pg_catalog.pg_sequence AS q ON q.seqrelid = d.objid
                  WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = a.attrelid
                    AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i'))
  AND v.top >= 0.75 * l.most
ORDER BY v.top::pg_catalog.numeric / l.most DESC, object;
