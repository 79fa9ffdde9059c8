-- Functions, procedures and window functions; aggregates are another kind. `args` are the types
-- that tell routines of one name apart, `arguments` the list as DROP takes it. `names` are the
-- arguments' names, modes and all their types, `defaults` how many have one: CREATE OR REPLACE
-- keeps both.
-- params: none
-- columns: oid oid!, schema text!, name text!, args text!, owner text!, arguments text!,
--    sort text!, definition text!, result text, names text, defaults int4!
SELECT p.oid, n.nspname::text AS schema, p.proname::text AS name,
       (SELECT coalesce(string_agg(pg_catalog.format_type(i.type, NULL), ', ' ORDER BY i.place), '')
        FROM unnest(p.proargtypes) WITH ORDINALITY i (type, place)) AS args,
       pg_catalog.pg_get_userbyid(p.proowner)::text AS owner,
       pg_catalog.pg_get_function_identity_arguments(p.oid) AS arguments, p.prokind::text AS sort,
       pg_catalog.pg_get_functiondef(p.oid) AS definition,
       pg_catalog.pg_get_function_result(p.oid) AS result,
       array_to_string(p.proargnames, ',', '') || '/' || coalesce(array_to_string(p.proargmodes, ''), '')
           || '/' || coalesce((SELECT string_agg(pg_catalog.format_type(i.type, NULL), ',' ORDER BY i.place)
                               FROM unnest(p.proallargtypes) WITH ORDINALITY i (type, place)), '') AS names,
       p.pronargdefaults::int4 AS defaults
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.prokind <> 'a' AND p.oid >= 16384
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'godwit')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 1255 AND e.objid = p.oid AND e.deptype IN ('e', 'i'))
ORDER BY n.nspname COLLATE "C", p.proname COLLATE "C", p.oid;
