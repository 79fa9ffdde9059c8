-- Columns that a unique or exclusion constraint or index of a table looks at, and what the server says is refused then:
-- a row for each index, those of partitions among them. referred: other rows refer to it by a foreign key; refers: its own
-- foreign key leaves it no other value.
-- params: bigint
-- columns: name text!, not_null bool!, type text!, referred bool!, refers bool!, place text!
SELECT a.attname::pg_catalog.text AS name, a.attnotnull AS not_null, pg_catalog.format_type(a.atttypid, NULL) AS type,
       EXISTS (SELECT FROM pg_catalog.pg_constraint f
               WHERE f.contype = 'f' AND f.confrelid = a.attrelid AND a.attnum = ANY (f.confkey)) AS referred,
       a.attnotnull AND EXISTS (SELECT FROM pg_catalog.pg_constraint f
                                WHERE f.contype = 'f' AND f.conrelid = a.attrelid AND a.attnum = ANY (f.conkey)) AS refers,
       pg_catalog.concat(n.nspname, '.', t.relname, '.', c.relname) AS place
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_index i ON i.indrelid = a.attrelid
CROSS JOIN LATERAL (SELECT i.indexrelid AS id
                    UNION SELECT p.relid::pg_catalog.oid FROM pg_catalog.pg_partition_tree(i.indexrelid::pg_catalog.regclass) p) one
JOIN pg_catalog.pg_class c ON c.oid = one.id
JOIN pg_catalog.pg_index x ON x.indexrelid = one.id
JOIN pg_catalog.pg_class t ON t.oid = x.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
WHERE a.attrelid = $1::pg_catalog.int8::pg_catalog.oid AND a.attnum > 0 AND NOT a.attisdropped
  AND (i.indisunique OR i.indisexclusion) AND i.indislive
  AND (a.attnum = ANY (i.indkey::pg_catalog.int2[])
       OR EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = i.indexrelid
                    AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = a.attrelid
                    AND d.refobjsubid = a.attnum))
ORDER BY a.attnotnull, a.attnum, i.indexrelid, one.id
