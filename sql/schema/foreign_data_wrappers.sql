-- Foreign data wrappers. Options that hold secrets are left out (unrendered.sql names them).
-- params: none
-- columns: oid oid!, name text!, owner text!, handler text, validator text, options text
SELECT w.oid, w.fdwname::text AS name, pg_catalog.pg_get_userbyid(w.fdwowner)::text AS owner,
       CASE WHEN w.fdwhandler <> 0 THEN w.fdwhandler::pg_catalog.regproc::text END AS handler,
       CASE WHEN w.fdwvalidator <> 0 THEN w.fdwvalidator::pg_catalog.regproc::text END AS validator,
       (SELECT string_agg(pg_catalog.quote_ident(p.option_name) || ' ' || pg_catalog.quote_literal(p.option_value),
                          ', ' ORDER BY p.option_name COLLATE "C")
        FROM pg_catalog.pg_options_to_table(w.fdwoptions) p
        WHERE p.option_name !~* '(pass|pwd|secret|token|credential|private|api_?key|access_?key)'
          AND p.option_value !~* '(passw(or)?d|pwd|secret)[[:space:]]*=|://[^/@:[:space:]]*:[^/@[:space:]]+@') AS options
FROM pg_catalog.pg_foreign_data_wrapper w
WHERE w.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 2328 AND e.objid = w.oid AND e.deptype = 'e')
ORDER BY w.fdwname COLLATE "C";
