-- The partitions of a table by ranges of one column, but for the DEFAULT one, and their bounds: microseconds where the column is a time
-- ($2), else its numbers. What has no bound goes to the end of bigint.
-- params: oid, boolean
-- columns: oid oid!, schema text!, name text!, lower bigint!, upper bigint!, pending boolean!
SELECT c.oid, n.nspname::pg_catalog.text AS schema, c.relname::pg_catalog.text AS name,
       CASE WHEN b.low IN ('MINVALUE', '-infinity') THEN -9223372036854775807
            WHEN b.low IN ('MAXVALUE', 'infinity') THEN 9223372036854775807
            WHEN $2 THEN (pg_catalog.date_part('epoch', b.low::pg_catalog.timestamptz)::pg_catalog.numeric * 1000000)::pg_catalog.int8
            ELSE pg_catalog.floor(b.low::pg_catalog.numeric)::pg_catalog.int8 END AS lower,
       CASE WHEN b.high IN ('MINVALUE', '-infinity') THEN -9223372036854775807
            WHEN b.high IN ('MAXVALUE', 'infinity') THEN 9223372036854775807
            WHEN $2 THEN (pg_catalog.date_part('epoch', b.high::pg_catalog.timestamptz)::pg_catalog.numeric * 1000000)::pg_catalog.int8
            ELSE pg_catalog.ceil(b.high::pg_catalog.numeric)::pg_catalog.int8 END AS upper,
       coalesce((pg_catalog.to_jsonb(i) ->> 'inhdetachpending')::pg_catalog.bool, false) AS pending
FROM pg_catalog.pg_inherits AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (SELECT pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS bound) AS e
CROSS JOIN LATERAL (
    SELECT pg_catalog.btrim(pg_catalog.substring(e.bound, '^FOR VALUES FROM \((.*)\) TO \('), '''') AS low,
           pg_catalog.btrim(pg_catalog.substring(e.bound, '\) TO \((.*)\)$'), '''') AS high
) AS b
WHERE i.inhparent = $1 AND e.bound <> 'DEFAULT'
ORDER BY lower, c.oid;
