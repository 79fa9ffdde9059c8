-- Conversions.
-- params: none
-- columns: oid oid!, schema text!, name text!, owner text!, source text!, target text!,
--    function text!, is_default bool!
SELECT c.oid, n.nspname::text AS schema, c.conname::text AS name,
       pg_catalog.pg_get_userbyid(c.conowner)::text AS owner,
       pg_catalog.pg_encoding_to_char(c.conforencoding)::text AS source,
       pg_catalog.pg_encoding_to_char(c.contoencoding)::text AS target,
       c.conproc::pg_catalog.regproc::text AS function, c.condefault AS is_default
FROM pg_catalog.pg_conversion c
JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace
WHERE c.oid >= 16384
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'godwit')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 2607 AND e.objid = c.oid AND e.deptype IN ('e'))
ORDER BY n.nspname COLLATE "C", c.conname COLLATE "C";
