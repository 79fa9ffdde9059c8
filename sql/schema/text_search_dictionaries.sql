-- Text search dictionaries; the options as the server keeps them: name = 'value', …
-- params: none
-- columns: oid oid!, schema text!, name text!, owner text!, template text!, options text
SELECT d.oid, n.nspname::text AS schema, d.dictname::text AS name,
       pg_catalog.pg_get_userbyid(d.dictowner)::text AS owner,
       pg_catalog.quote_ident(tn.nspname) || '.' || pg_catalog.quote_ident(t.tmplname) AS template,
       d.dictinitoption AS options
FROM pg_catalog.pg_ts_dict d
JOIN pg_catalog.pg_namespace n ON n.oid = d.dictnamespace
JOIN pg_catalog.pg_ts_template t ON t.oid = d.dicttemplate
JOIN pg_catalog.pg_namespace tn ON tn.oid = t.tmplnamespace
WHERE d.oid >= 16384
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'godwit')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 3600 AND e.objid = d.oid AND e.deptype = 'e')
ORDER BY n.nspname COLLATE "C", d.dictname COLLATE "C";
