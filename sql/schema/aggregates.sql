-- Aggregates; the definition is what stands between the parentheses of CREATE AGGREGATE.
-- params: none
-- columns: oid oid!, schema text!, name text!, args text!, owner text!, arguments text!,
--    sort text!, direct int4!, result text!, names text!, definition text!
SELECT p.oid, n.nspname::text AS schema, p.proname::text AS name,
       (SELECT coalesce(string_agg(pg_catalog.format_type(i.type, NULL), ', ' ORDER BY i.place), '')
        FROM unnest(p.proargtypes) WITH ORDINALITY i (type, place)) AS args,
       pg_catalog.pg_get_userbyid(p.proowner)::text AS owner,
       coalesce(nullif(pg_catalog.pg_get_function_arguments(p.oid), ''), '*') AS arguments,
       a.aggkind::text AS sort, a.aggnumdirectargs::int4 AS direct,
       pg_catalog.format_type(p.prorettype, NULL) AS result,
       coalesce(array_to_string(p.proargnames, ',', ''), '') AS names,
       concat_ws(', ',
           'SFUNC = ' || a.aggtransfn::text,
           'STYPE = ' || pg_catalog.format_type(a.aggtranstype, NULL),
           'SSPACE = ' || nullif(a.aggtransspace, 0),
           'FINALFUNC = ' || nullif(a.aggfinalfn::text, '-'),
           CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
           CASE WHEN a.aggfinalfn <> 0
                     AND a.aggfinalmodify <> CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END
                THEN 'FINALFUNC_MODIFY = ' || CASE a.aggfinalmodify
                    WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
           'COMBINEFUNC = ' || nullif(a.aggcombinefn::text, '-'),
           'SERIALFUNC = ' || nullif(a.aggserialfn::text, '-'),
           'DESERIALFUNC = ' || nullif(a.aggdeserialfn::text, '-'),
           'INITCOND = ' || pg_catalog.quote_literal(a.agginitval),
           'MSFUNC = ' || nullif(a.aggmtransfn::text, '-'),
           'MINVFUNC = ' || nullif(a.aggminvtransfn::text, '-'),
           CASE WHEN a.aggmtranstype <> 0
                THEN 'MSTYPE = ' || pg_catalog.format_type(a.aggmtranstype, NULL) END,
           'MSSPACE = ' || nullif(a.aggmtransspace, 0),
           'MFINALFUNC = ' || nullif(a.aggmfinalfn::text, '-'),
           CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
           CASE WHEN a.aggmfinalfn <> 0
                     AND a.aggmfinalmodify <> CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END
                THEN 'MFINALFUNC_MODIFY = ' || CASE a.aggmfinalmodify
                    WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
           'MINITCOND = ' || pg_catalog.quote_literal(a.aggminitval),
           (SELECT 'SORTOP = OPERATOR(' || pg_catalog.quote_ident(sn.nspname) || '.' || s.oprname || ')'
            FROM pg_catalog.pg_operator s
            JOIN pg_catalog.pg_namespace sn ON sn.oid = s.oprnamespace
            WHERE s.oid = a.aggsortop),
           CASE p.proparallel WHEN 's' THEN 'PARALLEL = SAFE' WHEN 'r' THEN 'PARALLEL = RESTRICTED' END,
           CASE a.aggkind WHEN 'h' THEN 'HYPOTHETICAL' END) AS definition
FROM pg_catalog.pg_aggregate a
JOIN pg_catalog.pg_proc p ON p.oid = a.aggfnoid
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.oid >= 16384
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'godwit')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 1255 AND e.objid = p.oid AND e.deptype IN ('e'))
ORDER BY n.nspname COLLATE "C", p.proname COLLATE "C", p.oid;
