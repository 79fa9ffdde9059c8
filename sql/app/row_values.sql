-- Values that a column may well take: labels of its enum, and what stands in quotes or as a number
-- in checks, domains and the bounds of partitions.
-- params: none
-- columns: oid oid!, attnum int8!, sort text!, value text!
WITH texts AS (
    SELECT k.conrelid AS oid, u.attnum, pg_catalog.pg_get_constraintdef(k.oid) AS def, 1 AS rank
    FROM pg_catalog.pg_constraint k CROSS JOIN LATERAL pg_catalog.unnest(k.conkey) AS u(attnum)
    WHERE k.contype = 'c' AND k.conrelid >= 16384
    UNION ALL
    SELECT a.attrelid, a.attnum, pg_catalog.pg_get_constraintdef(k.oid), 1
    FROM pg_catalog.pg_constraint k
    JOIN pg_catalog.pg_attribute a ON a.atttypid = k.contypid AND NOT a.attisdropped
    WHERE k.contypid >= 16384
    UNION ALL
    SELECT ra.attrelid, ra.attnum, pg_catalog.pg_get_expr(c.relpartbound, c.oid), 0
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid
    JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = i.inhparent
    CROSS JOIN LATERAL pg_catalog.unnest(p.partattrs::pg_catalog.int2[]) AS u(attnum)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = i.inhparent AND a.attnum = u.attnum
    JOIN pg_catalog.pg_attribute ra
        ON ra.attrelid = pg_catalog.pg_partition_root(c.oid::pg_catalog.regclass)::pg_catalog.oid
       AND ra.attname = a.attname AND NOT ra.attisdropped
    WHERE c.relispartition),
found AS (
    SELECT a.attrelid AS oid, a.attnum, 'label' AS sort, e.enumlabel::pg_catalog.text AS value, 0 AS rank,
           e.enumsortorder::pg_catalog.float8 AS place
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype AND t.typtype = 'd'
    JOIN pg_catalog.pg_enum e
        ON e.enumtypid IN (t.oid, b.oid, CASE WHEN t.typcategory = 'A' THEN t.typelem END)
    WHERE a.attrelid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT t.oid, t.attnum, 'text', pg_catalog.replace(m.found[1], '''''', ''''), t.rank, m.place
    FROM texts t
    CROSS JOIN LATERAL pg_catalog.regexp_matches(t.def, '''((?:[^'']|'''')*)''', 'g')
        WITH ORDINALITY AS m(found, place)
    UNION ALL
    SELECT t.oid, t.attnum, 'number', m.found[1], t.rank, m.place
    FROM texts t
    CROSS JOIN LATERAL pg_catalog.regexp_matches(t.def, '\m(\d{1,9}(?:\.\d{1,9})?)\M', 'g')
        WITH ORDINALITY AS m(found, place))
SELECT f.oid, f.attnum::pg_catalog.int8 AS attnum, f.sort, f.value
FROM found f
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, pg_catalog.min(f.rank), pg_catalog.min(f.place), 4;
