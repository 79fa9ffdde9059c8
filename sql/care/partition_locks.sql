-- What takes, in order and in their final strength, the locks that it needs to attach a partition to a table ($1, its DEFAULT partition: $2), or to detach
-- one ($3; NULL: to attach; $4: foreign keys that refer to the table are put off meanwhile): the table, those that its foreign keys refer to, those that refer to it, the DEFAULT partition, the partition.
-- Tables that may not be locked are left out.
-- params: oid, oid, oid, boolean
-- columns: sql text!
SELECT pg_catalog.format('LOCK TABLE %s%I.%I IN %s MODE', x.only_it, n.nspname, c.relname, x.mode)::pg_catalog.text AS sql
FROM (
    SELECT 1 AS place, $1::pg_catalog.oid AS oid, CASE WHEN r.put_off THEN '' ELSE 'ONLY ' END AS only_it,
           CASE WHEN $3::pg_catalog.oid IS NULL AND NOT r.put_off THEN 'SHARE UPDATE EXCLUSIVE' ELSE 'ACCESS EXCLUSIVE' END AS mode
    FROM (SELECT $4::pg_catalog.bool AND EXISTS (SELECT 1 FROM pg_catalog.pg_constraint AS f WHERE f.confrelid = $1::pg_catalog.oid AND f.contype = 'f' AND f.conparentid = 0) AS put_off) AS r
    UNION ALL SELECT DISTINCT 2, f.confrelid, 'ONLY ', 'SHARE ROW EXCLUSIVE' FROM pg_catalog.pg_constraint AS f
        WHERE f.conrelid = $1::pg_catalog.oid AND f.contype = 'f' AND f.confrelid <> $1::pg_catalog.oid
        AND pg_catalog.has_table_privilege(f.confrelid, 'UPDATE, DELETE, TRUNCATE')
    UNION ALL SELECT DISTINCT 3, f.conrelid, 'ONLY ', CASE WHEN $4::pg_catalog.bool THEN 'ACCESS EXCLUSIVE' WHEN $3::pg_catalog.oid IS NULL THEN 'ACCESS SHARE' ELSE 'SHARE' END FROM pg_catalog.pg_constraint AS f
        WHERE f.confrelid = $1::pg_catalog.oid AND f.contype = 'f' AND f.conrelid <> $1::pg_catalog.oid AND f.conparentid = 0
        AND pg_catalog.has_table_privilege(f.conrelid, CASE WHEN $3::pg_catalog.oid IS NULL AND NOT $4::pg_catalog.bool THEN 'SELECT' ELSE 'UPDATE, DELETE, TRUNCATE' END)
    UNION ALL SELECT 4, $2::pg_catalog.oid, '', 'ACCESS EXCLUSIVE' WHERE $2::pg_catalog.oid IS NOT NULL
    UNION ALL SELECT 5, $3::pg_catalog.oid, '', 'ACCESS EXCLUSIVE' WHERE $3::pg_catalog.oid IS NOT NULL
) AS x
JOIN pg_catalog.pg_class AS c ON c.oid = x.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
ORDER BY x.place, x.oid;
