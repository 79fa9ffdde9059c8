-- Event triggers, disabled or not. events: as in sql/effects.h. tags: a JSON list, or NULL: every command.
-- params: none
-- columns: name text!, schema text!, function text!, tags text, events integer!, off boolean!
SELECT e.evtname::pg_catalog.text AS name, n.nspname::pg_catalog.text AS schema,
       p.proname::pg_catalog.text AS function, pg_catalog.to_json(e.evttags)::pg_catalog.text AS tags,
       CASE e.evtevent WHEN 'sql_drop' THEN 512 WHEN 'table_rewrite' THEN 1024 ELSE 256 END AS events,
       e.evtenabled IN ('D', 'R') AS off
FROM pg_catalog.pg_event_trigger AS e
JOIN pg_catalog.pg_proc AS p ON p.oid = e.evtfoid
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang AND l.lanname NOT IN ('c', 'internal')
WHERE e.evtevent <> 'login'
ORDER BY e.evtname;
