-- Operators; those that are only declared as another's commutator or negator are made with it. Where
-- only one of two names the other, both do.
-- params: none
-- columns: oid oid!, schema text!, name text!, args text!, owner text!, left_type text,
--    right_type text, function text!, commutator text, negator text, restrict_function text,
--    join_function text, hashes bool!, merges bool!
SELECT o.oid, n.nspname::text AS schema, o.oprname::text AS name,
       CASE WHEN o.oprleft = 0 THEN 'NONE' ELSE pg_catalog.format_type(o.oprleft, NULL) END || ', '
       || CASE WHEN o.oprright = 0 THEN 'NONE' ELSE pg_catalog.format_type(o.oprright, NULL) END AS args,
       pg_catalog.pg_get_userbyid(o.oprowner)::text AS owner,
       CASE WHEN o.oprleft <> 0 THEN pg_catalog.format_type(o.oprleft, NULL) END AS left_type,
       CASE WHEN o.oprright <> 0 THEN pg_catalog.format_type(o.oprright, NULL) END AS right_type,
       o.oprcode::text AS function,
       (SELECT 'OPERATOR(' || pg_catalog.quote_ident(cn.nspname) || '.' || c.oprname || ')'
        FROM pg_catalog.pg_operator c JOIN pg_catalog.pg_namespace cn ON cn.oid = c.oprnamespace
        WHERE c.oid = o.oprcom OR (o.oprcom = 0 AND c.oprcom = o.oid)
        ORDER BY c.oid LIMIT 1) AS commutator,
       (SELECT 'OPERATOR(' || pg_catalog.quote_ident(cn.nspname) || '.' || c.oprname || ')'
        FROM pg_catalog.pg_operator c JOIN pg_catalog.pg_namespace cn ON cn.oid = c.oprnamespace
        WHERE c.oid = o.oprnegate OR (o.oprnegate = 0 AND c.oprnegate = o.oid)
        ORDER BY c.oid LIMIT 1) AS negator,
       nullif(o.oprrest::text, '-') AS restrict_function, nullif(o.oprjoin::text, '-') AS join_function,
       o.oprcanhash AS hashes, o.oprcanmerge AS merges
FROM pg_catalog.pg_operator o
JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
WHERE o.oid >= 16384 AND o.oprcode <> 0
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'godwit')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 2617 AND e.objid = o.oid AND e.deptype IN ('e'))
ORDER BY n.nspname COLLATE "C", o.oprname COLLATE "C", o.oid;
