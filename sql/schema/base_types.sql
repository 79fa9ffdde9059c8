-- Base types and shells (types that are only declared). SUBSCRIPT is of 14.
-- params: none
-- columns: oid oid!, schema text!, name text!, owner text!, shell bool!, input text, output text,
--    receive text, send text, typmod_in text, typmod_out text, analyze_function text, subscript text,
--    length text, by_value bool!, alignment text, storage text, category text, preferred bool!,
--    default_value text, element text, delimiter text, collatable bool!
SELECT t.oid, n.nspname::text AS schema, t.typname::text AS name,
       pg_catalog.pg_get_userbyid(t.typowner)::text AS owner, NOT t.typisdefined AS shell,
       nullif(t.typinput::text, '-') AS input, nullif(t.typoutput::text, '-') AS output,
       nullif(t.typreceive::text, '-') AS receive, nullif(t.typsend::text, '-') AS send,
       nullif(t.typmodin::text, '-') AS typmod_in, nullif(t.typmodout::text, '-') AS typmod_out,
       nullif(t.typanalyze::text, '-') AS analyze_function, nullif(t.subscript::text, '-') AS subscript,
       CASE WHEN t.typlen < 0 THEN 'VARIABLE' ELSE t.typlen::text END AS length,
       t.typbyval AS by_value,
       CASE t.typalign WHEN 'c' THEN 'char' WHEN 's' THEN 'int2' WHEN 'i' THEN 'int4'
                       WHEN 'd' THEN 'double' END AS alignment,
       CASE t.typstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main'
                         WHEN 'x' THEN 'extended' END AS storage,
       t.typcategory::text AS category, t.typispreferred AS preferred, t.typdefault AS default_value,
       CASE WHEN t.typelem <> 0 THEN pg_catalog.format_type(t.typelem, NULL) END AS element,
       t.typdelim::text AS delimiter, t.typcollation <> 0 AS collatable
FROM (SELECT 0::pg_catalog.regproc AS typsubscript) AS absent
CROSS JOIN LATERAL (
    SELECT pt.*, typsubscript AS subscript
    FROM pg_catalog.pg_type pt
    WHERE pt.oid >= 16384 AND (pt.typtype = 'b' OR NOT pt.typisdefined)) AS t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'godwit')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 1247 AND e.objid = t.oid AND e.deptype IN ('e', 'i'))
ORDER BY n.nspname COLLATE "C", t.typname COLLATE "C";
