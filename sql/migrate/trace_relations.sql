-- Every relation that users made: what a statement can lock, rewrite or scan. Read before a
-- migration begins, to tell what was there from what it made.
-- params: none
-- columns: oid oid!, name text!, relkind text!, storage oid, scans int8!
SELECT c.oid, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS name,
       c.relkind::pg_catalog.text AS relkind,
       pg_catalog.pg_relation_filenode(c.oid::pg_catalog.regclass) AS storage,
       pg_catalog.pg_stat_get_xact_numscans(c.oid) AS scans
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'm', 'v', 'S', 'f', 'i', 'I')
  AND c.relpersistence <> 't' AND n.nspname NOT IN ('pg_toast', 'pg_catalog', 'information_schema');
