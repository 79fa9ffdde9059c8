-- What the session's transaction has locked of users' relations, with the state that a rewrite or
-- a scan changes. A relation that was dropped is still locked, and has no row any more.
-- params: none
-- columns: oid oid!, there bool!, mode text!, storage oid, scans int8!
SELECT l.relation AS oid, c.oid IS NOT NULL AS there, l.mode,
       pg_catalog.pg_relation_filenode(c.oid::pg_catalog.regclass) AS storage,
       pg_catalog.pg_stat_get_xact_numscans(l.relation) AS scans
FROM pg_catalog.pg_locks l
LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation
WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.relation >= 16384
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d
                    WHERE d.datname = pg_catalog.current_database());
