-- Text search configurations; mappings are 'token WITH dictionary, dictionary', a line each.
-- params: none
-- columns: oid oid!, schema text!, name text!, owner text!, parser text!, mappings text
SELECT c.oid, n.nspname::text AS schema, c.cfgname::text AS name,
       pg_catalog.pg_get_userbyid(c.cfgowner)::text AS owner,
       pg_catalog.quote_ident(pn.nspname) || '.' || pg_catalog.quote_ident(p.prsname) AS parser,
       (SELECT string_agg(pg_catalog.quote_ident(m.alias) || ' WITH ' || m.dictionaries, E'\n' ORDER BY m.tokid)
        FROM (SELECT t.tokid, t.alias,
                     string_agg(k.mapdict::pg_catalog.regdictionary::text, ', ' ORDER BY k.mapseqno)
                         AS dictionaries
              FROM pg_catalog.pg_ts_config_map k
              JOIN pg_catalog.ts_token_type(c.cfgparser) t ON t.tokid = k.maptokentype
              WHERE k.mapcfg = c.oid
              GROUP BY t.tokid, t.alias) AS m) AS mappings
FROM pg_catalog.pg_ts_config c
JOIN pg_catalog.pg_namespace n ON n.oid = c.cfgnamespace
JOIN pg_catalog.pg_ts_parser p ON p.oid = c.cfgparser
JOIN pg_catalog.pg_namespace pn ON pn.oid = p.prsnamespace
WHERE c.oid >= 16384
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'godwit')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 3602 AND e.objid = c.oid AND e.deptype = 'e')
ORDER BY n.nspname COLLATE "C", c.cfgname COLLATE "C";
