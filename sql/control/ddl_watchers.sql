-- Event triggers that run for Godwit's own DDL, with their functions; bare: the name without schema and arguments.
-- params: none
-- columns: name text!, function text!, bare text!
SELECT t.evtname::pg_catalog.text AS name,
       pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(p.proname) || '()' AS function,
       p.proname::pg_catalog.text AS bare
FROM pg_catalog.pg_event_trigger AS t
JOIN pg_catalog.pg_proc AS p ON p.oid OPERATOR(pg_catalog.=) t.evtfoid
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace
WHERE t.evtenabled IN ('O', 'A') AND t.evtevent IN ('ddl_command_start', 'ddl_command_end')
ORDER BY t.evtname;
