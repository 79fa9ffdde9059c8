-- What keeps rows from being copied straight into a table: triggers (its partitions' too), rules, row-level security.
-- params: bigint
-- columns: triggers boolean!, rules boolean!, row_security boolean!
SELECT EXISTS (SELECT FROM pg_catalog.pg_trigger t
               WHERE NOT t.tgisinternal AND t.tgenabled <> 'D'
                 AND t.tgrelid IN (SELECT p.relid FROM pg_catalog.pg_partition_tree(c.oid) p
                                   UNION ALL SELECT c.oid)) AS triggers,
       c.relhasrules AS rules, c.relrowsecurity AS row_security
FROM pg_catalog.pg_class c
WHERE c.oid = $1::pg_catalog.int8::pg_catalog.oid
