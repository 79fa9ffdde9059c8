-- Foreign servers. Options that hold secrets are left out (unrendered.sql names them).
-- params: none
-- columns: oid oid!, name text!, owner text!, wrapper text!, type text, version text, options text
SELECT s.oid, s.srvname::text AS name, pg_catalog.pg_get_userbyid(s.srvowner)::text AS owner,
       pg_catalog.quote_ident(w.fdwname) AS wrapper, s.srvtype AS type, s.srvversion AS version,
       (SELECT string_agg(pg_catalog.quote_ident(p.option_name) || ' ' || pg_catalog.quote_literal(p.option_value),
                          ', ' ORDER BY p.option_name COLLATE "C")
        FROM pg_catalog.pg_options_to_table(s.srvoptions) p
        WHERE p.option_name !~* '(pass|pwd|secret|token|credential|private|api_?key|access_?key)'
          AND p.option_value !~* '(passw(or)?d|pwd|secret)[[:space:]]*=|://[^/@:[:space:]]*:[^/@[:space:]]+@') AS options
FROM pg_catalog.pg_foreign_server s
JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw
WHERE s.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 1417 AND e.objid = s.oid AND e.deptype = 'e')
ORDER BY s.srvname COLLATE "C";
