-- What can be against a row, and the columns that it looks at: checks, unique indexes, exclusions,
-- foreign keys with the columns that they point to, domains, partition keys. `object` is what the
-- server's error names.
-- params: none
-- columns: oid oid!, object text!, sort text!, attnum int8!, ref oid, ref_schema text, ref_table text,
--    ref_column text
SELECT k.conrelid AS oid, n.nspname || '.' || c.relname || '.' || k.conname AS object,
       k.contype::pg_catalog.text AS sort, u.attnum::pg_catalog.int8 AS attnum,
       CASE WHEN k.contype = 'f' THEN k.confrelid END AS ref,
       rn.nspname::pg_catalog.text AS ref_schema, r.relname::pg_catalog.text AS ref_table,
       ra.attname::pg_catalog.text AS ref_column
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey))
    AS u(attnum, ref_attnum)
LEFT JOIN pg_catalog.pg_class r ON k.contype = 'f' AND r.oid = k.confrelid
LEFT JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
LEFT JOIN pg_catalog.pg_attribute ra ON ra.attrelid = r.oid AND ra.attnum = u.ref_attnum
WHERE k.conrelid >= 16384 AND k.contype IN ('c', 'f', 'x')
  AND (k.contype = 'f' OR u.attnum IS NOT NULL)
UNION ALL
SELECT i.indrelid, n.nspname || '.' || c.relname || '.' || x.relname, 'u', u.attnum::pg_catalog.int8,
       NULL, NULL, NULL, NULL
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::pg_catalog.int2[]) AS u(attnum)
WHERE i.indisunique AND i.indrelid >= 16384 AND u.attnum > 0
UNION ALL
SELECT a.attrelid, n.nspname || '.' || t.typname || '.' || k.conname, 'd', a.attnum::pg_catalog.int8,
       NULL, NULL, NULL, NULL
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_type t ON t.oid = k.contypid
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_attribute a ON a.atttypid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE t.oid >= 16384
UNION ALL
SELECT ra.attrelid, n.nspname || '.' || c.relname, 'p', ra.attnum::pg_catalog.int8,
       NULL, NULL, NULL, NULL
FROM pg_catalog.pg_partitioned_table p
JOIN pg_catalog.pg_class c ON c.oid = p.partrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL pg_catalog.unnest(p.partattrs::pg_catalog.int2[]) AS u(attnum)
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.attnum
JOIN pg_catalog.pg_attribute ra
    ON ra.attrelid = coalesce(pg_catalog.pg_partition_root(c.oid::pg_catalog.regclass)::pg_catalog.oid, c.oid)
   AND ra.attname = a.attname AND NOT ra.attisdropped
ORDER BY 1, 2, 4;
