-- Foreign keys whose columns no index begins with: each DELETE or UPDATE of a parent reads all of the table.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT CASE WHEN t.reltuples < 10000 THEN 'note' END AS severity,
       pg_catalog.format('%I.%I', n.nspname, t.relname) AS object,
       pg_catalog.format('%I (%s) refers to %I.%I; about %s rows', k.conname, c.names, fn.nspname, f.relname,
                         greatest(t.reltuples, 0)) AS evidence,
       pg_catalog.format('CREATE INDEX %sON %I.%I (%s)', CASE t.relkind WHEN 'p' THEN '' ELSE 'CONCURRENTLY ' END,
                         n.nspname, t.relname, c.names) AS sql
FROM pg_catalog.pg_constraint AS k
JOIN pg_catalog.pg_class AS t ON t.oid = k.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
JOIN pg_catalog.pg_class AS f ON f.oid = k.confrelid
JOIN pg_catalog.pg_namespace AS fn ON fn.oid = f.relnamespace
CROSS JOIN LATERAL (
    SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY u.place) AS names,
           pg_catalog.array_agg(u.number ORDER BY u.number) AS numbers,
           pg_catalog.format('(%s IS NOT NULL)', pg_catalog.min(pg_catalog.quote_ident(a.attname))) AS is_there
    FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS u (number, place)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.number
) AS c
WHERE k.contype = 'f' AND k.conparentid = 0 AND n.nspname NOT IN ('information_schema', 'godwit')
  AND NOT EXISTS (
      SELECT 1 FROM pg_catalog.pg_index AS x
      WHERE x.indrelid = k.conrelid AND x.indisvalid AND x.indnkeyatts >= pg_catalog.cardinality(k.conkey)
        AND (x.indpred IS NULL OR (pg_catalog.cardinality(k.conkey) = 1
                                   AND pg_catalog.pg_get_expr(x.indpred, x.indrelid) = c.is_there))
        AND c.numbers = (SELECT pg_catalog.array_agg(v.number::pg_catalog.int2 ORDER BY v.number::pg_catalog.int2)
                         FROM pg_catalog.unnest(pg_catalog.string_to_array(x.indkey::pg_catalog.text, ' '))
                              WITH ORDINALITY AS v (number, place)
                         WHERE v.place <= pg_catalog.cardinality(k.conkey)))
ORDER BY t.reltuples DESC, object, k.conname;
