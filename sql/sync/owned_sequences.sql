-- Sequences that fill columns of a table: of an identity or serial column, or named in its default.
-- params: bigint, text[]
-- columns: name text!, schema text!, sequence text!, increment bigint!, low bigint!, high bigint!, whole boolean!
SELECT DISTINCT a.attname::pg_catalog.text AS name, n.nspname::pg_catalog.text AS schema, c.relname::pg_catalog.text AS sequence,
       q.seqincrement AS increment, q.seqmin AS low, q.seqmax AS high,
       a.atttypid IN (20, 21, 23) AS whole
FROM pg_catalog.pg_attribute a
JOIN (SELECT d.objid AS sequence, d.refobjid AS relation, d.refobjsubid AS number
      FROM pg_catalog.pg_depend d
      WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
        AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')
      UNION ALL
      SELECT d.refobjid, f.adrelid, f.adnum
      FROM pg_catalog.pg_attrdef f
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid = f.oid
        AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass) o ON o.relation = a.attrelid AND o.number = a.attnum
JOIN pg_catalog.pg_class c ON c.oid = o.sequence AND c.relkind = 'S'
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_sequence q ON q.seqrelid = c.oid
WHERE a.attrelid = $1::pg_catalog.int8::pg_catalog.oid
  AND a.attname = ANY ($2::pg_catalog.text[])
ORDER BY 1, 2, 3
