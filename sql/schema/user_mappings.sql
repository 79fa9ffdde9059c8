-- User mappings of foreign servers. The view shows the options only to those who may see them;
-- what holds a secret is left out for everybody (unrendered.sql names it).
-- params: none
-- columns: oid oid!, parent oid!, name text!, user_name text!, options text
SELECT m.umid AS oid, m.srvid AS parent,
       CASE m.umuser WHEN 0 THEN 'public' ELSE m.usename::text END AS name,
       CASE m.umuser WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(m.usename) END AS user_name,
       (SELECT string_agg(pg_catalog.quote_ident(p.option_name) || ' ' || pg_catalog.quote_literal(p.option_value),
                          ', ' ORDER BY p.option_name COLLATE "C")
        FROM pg_catalog.pg_options_to_table(m.umoptions) p
        WHERE p.option_name !~* '(pass|pwd|secret|token|credential|private|api_?key|access_?key)'
          AND p.option_value !~* '(passw(or)?d|pwd|secret)[[:space:]]*=|://[^/@:[:space:]]*:[^/@[:space:]]+@') AS options
FROM pg_catalog.pg_user_mappings m
WHERE m.umid >= 16384
ORDER BY m.srvname COLLATE "C", m.usename COLLATE "C";
