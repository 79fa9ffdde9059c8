-- Indexes that are kept up to date by every write and used by no query, because a build of them did not end; not
-- those whose table somebody is building on just now. What is left of a concurrent rebuild is dropped, the others are built anew.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT NULL::pg_catalog.text AS severity,
       pg_catalog.format('%I.%I', n.nspname, i.relname) AS object,
       pg_catalog.format('%s on %s is not valid%s', CASE WHEN x.indisunique THEN 'the unique index' ELSE 'the index' END,
                         pg_catalog.format('%I.%I', tn.nspname, t.relname),
                         CASE WHEN i.relkind = 'I' THEN ': not every partition has its part of it'
                              WHEN l.leftover THEN ': what an interrupted REINDEX CONCURRENTLY has left' ELSE '' END) AS evidence,
       CASE WHEN i.relkind = 'I' THEN NULL
            WHEN l.leftover THEN pg_catalog.format('DROP INDEX CONCURRENTLY %I.%I', n.nspname, i.relname)
            ELSE pg_catalog.format('REINDEX INDEX CONCURRENTLY %I.%I', n.nspname, i.relname) END AS sql
FROM pg_catalog.pg_index AS x
JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = i.relnamespace
JOIN pg_catalog.pg_class AS t ON t.oid = x.indrelid
JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.relnamespace
CROSS JOIN LATERAL (
    SELECT i.relname ~ '_cc(new|old)[0-9]*$' AND EXISTS (
               SELECT 1 FROM pg_catalog.pg_index AS y JOIN pg_catalog.pg_class AS o ON o.oid = y.indexrelid
               WHERE y.indrelid = x.indrelid AND y.indexrelid <> x.indexrelid
                 AND pg_catalog.starts_with(o.relname::pg_catalog.text,
                         pg_catalog.regexp_replace(i.relname, '_cc(new|old)[0-9]*$', ''))) AS leftover
) AS l
WHERE NOT x.indisvalid AND i.relpersistence <> 't'
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_locks AS k
                  JOIN pg_catalog.pg_database AS d ON d.oid = k.database AND d.datname = pg_catalog.current_database()
                  WHERE k.locktype = 'relation' AND k.relation = x.indrelid AND k.granted
                    AND k.mode = 'ShareUpdateExclusiveLock')
ORDER BY object;
