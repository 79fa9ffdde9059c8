-- Is an index (by its oid) valid by now, and which other session is at it? One that builds it says
-- so; its table's lock counts where the role may not read what it says, or it has yet to say so;
-- REINDEX CONCURRENTLY holds the indexes; and who has changed the index's row has yet to commit.
-- No row: the index is gone. No pid: nobody is.
-- params: oid
-- columns: valid boolean, pid integer, query text, running_ms bigint
SELECT i.indisvalid AS valid, w.pid, w.query, w.running_ms
FROM pg_catalog.pg_index AS i
LEFT JOIN LATERAL (
    SELECT a.pid, a.query, pg_catalog.int8(pg_catalog.date_part('epoch', pg_catalog.timestamptz_mi(
               pg_catalog.clock_timestamp(), a.query_start)) OPERATOR(pg_catalog.*) 1000) AS running_ms
    FROM pg_catalog.pg_stat_activity AS a
    WHERE a.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()
      AND (EXISTS (
              SELECT FROM pg_catalog.pg_stat_progress_create_index AS p
              WHERE p.pid OPERATOR(pg_catalog.=) a.pid
                AND p.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
                AND (p.index_relid OPERATOR(pg_catalog.=) i.indexrelid
                     OR (COALESCE(p.index_relid::pg_catalog.int8, 0) OPERATOR(pg_catalog.=) 0
                         AND EXISTS (
                             SELECT FROM pg_catalog.pg_locks AS l
                             WHERE l.pid OPERATOR(pg_catalog.=) a.pid AND l.granted
                               AND l.locktype OPERATOR(pg_catalog.=) 'relation'
                               AND l.database OPERATOR(pg_catalog.=) a.datid
                               AND l.relation OPERATOR(pg_catalog.=) i.indrelid
                               AND l.mode OPERATOR(pg_catalog.=) 'ShareUpdateExclusiveLock'))))
           OR EXISTS (
              SELECT FROM pg_catalog.pg_locks AS l
              WHERE l.pid OPERATOR(pg_catalog.=) a.pid AND l.granted
                AND ((l.locktype OPERATOR(pg_catalog.=) 'relation'
                      AND l.database OPERATOR(pg_catalog.=) (
                          SELECT d.oid FROM pg_catalog.pg_database AS d
                          WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())
                      AND l.relation OPERATOR(pg_catalog.=) i.indexrelid
                      AND l.mode OPERATOR(pg_catalog.=) ANY (ARRAY[
                          'ShareUpdateExclusiveLock', 'ShareLock', 'AccessExclusiveLock']))
                     OR (l.locktype OPERATOR(pg_catalog.=) 'transactionid'
                         AND l.transactionid OPERATOR(pg_catalog.=) i.xmax))))
    ORDER BY a.query_start LIMIT 1) AS w ON true
WHERE i.indexrelid OPERATOR(pg_catalog.=) $1;
