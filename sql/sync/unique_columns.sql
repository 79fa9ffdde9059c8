-- Columns that a unique or exclusion constraint or index of a table looks at, and that no foreign key hangs on.
-- params: bigint
-- columns: name text!, not_null bool!, type text!
SELECT a.attname::pg_catalog.text AS name, a.attnotnull AS not_null, pg_catalog.format_type(a.atttypid, NULL) AS type
FROM pg_catalog.pg_attribute a
WHERE a.attrelid = $1::pg_catalog.int8::pg_catalog.oid AND a.attnum > 0 AND NOT a.attisdropped
  AND EXISTS (SELECT FROM pg_catalog.pg_index i
              WHERE i.indrelid = a.attrelid AND (i.indisunique OR i.indisexclusion) AND i.indislive
                AND (a.attnum = ANY (i.indkey::pg_catalog.int2[])
                     OR EXISTS (SELECT FROM pg_catalog.pg_depend d
                                WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = i.indexrelid
                                  AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = a.attrelid
                                  AND d.refobjsubid = a.attnum)))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint f
                  WHERE f.contype = 'f' AND ((f.confrelid = a.attrelid AND a.attnum = ANY (f.confkey))
                                             OR (f.conrelid = a.attrelid AND a.attnum = ANY (f.conkey) AND a.attnotnull)))
ORDER BY a.attnotnull, a.attnum
