-- Event triggers; the tags as quoted literals, sorted.
-- params: none
-- columns: oid oid!, name text!, owner text!, event text!, tags text, function text!, enabled text!
SELECT e.oid, e.evtname::text AS name, pg_catalog.pg_get_userbyid(e.evtowner)::text AS owner,
       e.evtevent::text AS event,
       (SELECT string_agg(pg_catalog.quote_literal(t.tag), ', ' ORDER BY t.tag COLLATE "C")
        FROM unnest(e.evttags) AS t (tag)) AS tags,
       pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(p.proname) || '()' AS function,
       CASE e.evtenabled WHEN 'O' THEN 'ENABLE' WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA'
                         WHEN 'A' THEN 'ENABLE ALWAYS' END AS enabled
FROM pg_catalog.pg_event_trigger e
JOIN pg_catalog.pg_proc p ON p.oid = e.evtfoid
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE e.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend x
                  WHERE x.classid = 3466 AND x.objid = e.oid AND x.deptype = 'e')
ORDER BY e.evtname COLLATE "C";
