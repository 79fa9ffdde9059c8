-- Sequences, but for those of identity columns.
-- params: none
-- columns: oid oid!, schema text!, name text!, owner text!, persistence text!, type text!,
--    start int8!, increment int8!, minimum int8!, maximum int8!, cache int8!, cycle bool!, owned_by text
SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name,
       pg_catalog.pg_get_userbyid(c.relowner)::text AS owner, c.relpersistence::text AS persistence,
       pg_catalog.format_type(s.seqtypid, NULL) AS type, s.seqstart AS start,
       s.seqincrement AS increment, s.seqmin AS minimum, s.seqmax AS maximum, s.seqcache AS cache,
       s.seqcycle AS cycle,
       (SELECT d.refobjid::pg_catalog.regclass::text || '.' || pg_catalog.quote_ident(a.attname)
        FROM pg_catalog.pg_depend d
        JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE d.classid = 1259 AND d.objid = c.oid AND d.refclassid = 1259 AND d.deptype = 'a') AS owned_by
FROM pg_catalog.pg_sequence s
JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid >= 16384 AND c.relpersistence <> 't'
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'godwit')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 1259 AND e.objid = c.oid AND e.deptype IN ('e', 'i'))
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C";
