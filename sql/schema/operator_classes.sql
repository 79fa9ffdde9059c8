-- Operator classes with the members that are theirs; args is the access method.
-- params: none
-- columns: oid oid!, schema text!, name text!, args text!, owner text!, type text!,
--    is_default bool!, family text!, storage text, members text
SELECT c.oid, n.nspname::text AS schema, c.opcname::text AS name,
       pg_catalog.quote_ident(am.amname) AS args, pg_catalog.pg_get_userbyid(c.opcowner)::text AS owner,
       pg_catalog.format_type(c.opcintype, NULL) AS type, c.opcdefault AS is_default,
       pg_catalog.quote_ident(fn.nspname) || '.' || pg_catalog.quote_ident(f.opfname) AS family,
       CASE WHEN c.opckeytype NOT IN (0, c.opcintype)
            THEN pg_catalog.format_type(c.opckeytype, NULL) END AS storage,
       nullif(concat_ws(', ',
           (SELECT string_agg('OPERATOR ' || m.amopstrategy || ' ' || m.amopopr::pg_catalog.regoperator::text
                       || coalesce(' FOR ORDER BY ' || (
                           SELECT pg_catalog.quote_ident(sn.nspname) || '.' || pg_catalog.quote_ident(s.opfname)
                           FROM pg_catalog.pg_opfamily s
                           JOIN pg_catalog.pg_namespace sn ON sn.oid = s.opfnamespace
                           WHERE s.oid = m.amopsortfamily), ''), ', '
                       ORDER BY m.amopstrategy, m.amopopr::pg_catalog.regoperator::text COLLATE "C")
            FROM pg_catalog.pg_amop m
            JOIN pg_catalog.pg_depend d ON d.classid = 2602 AND d.objid = m.oid AND d.deptype = 'i'
            WHERE d.refclassid = 2616 AND d.refobjid = c.oid),
           (SELECT string_agg('FUNCTION ' || m.amprocnum
                       || CASE WHEN m.amproclefttype <> c.opcintype OR m.amprocrighttype <> c.opcintype
                               THEN ' (' || pg_catalog.format_type(m.amproclefttype, NULL) || ', '
                                    || pg_catalog.format_type(m.amprocrighttype, NULL) || ')' ELSE '' END
                       || ' ' || m.amproc::pg_catalog.regprocedure::text, ', '
                       ORDER BY m.amprocnum, m.amproc::pg_catalog.regprocedure::text COLLATE "C")
            FROM pg_catalog.pg_amproc m
            JOIN pg_catalog.pg_depend d ON d.classid = 2603 AND d.objid = m.oid AND d.deptype = 'i'
            WHERE d.refclassid = 2616 AND d.refobjid = c.oid)), '') AS members
FROM pg_catalog.pg_opclass c
JOIN pg_catalog.pg_namespace n ON n.oid = c.opcnamespace
JOIN pg_catalog.pg_am am ON am.oid = c.opcmethod
JOIN pg_catalog.pg_opfamily f ON f.oid = c.opcfamily
JOIN pg_catalog.pg_namespace fn ON fn.oid = f.opfnamespace
WHERE c.oid >= 16384
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'godwit')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 2616 AND e.objid = c.oid AND e.deptype IN ('e'))
ORDER BY n.nspname COLLATE "C", c.opcname COLLATE "C", am.amname COLLATE "C";
