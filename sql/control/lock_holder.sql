-- Who has the run lock, for people. is_gone: its session has ended, or its lease has run out. Then
-- left_…: a backend that is still in a transaction of that run (each has a row lock on run_lock until it
-- ends; whoever only tries to claim it has another lock as well). What another role runs is NULL
-- for who may not see it. $1: the key of the session lock.
-- params: bigint
-- columns: actor text, host text, command text, backend_pid integer, mode text,
--   acquired_at timestamptz, held_ms bigint, is_gone boolean!, left_pid integer, left_query text,
--   left_ms bigint, lease_left_ms bigint
SELECT l.actor, l.host, l.command, l.backend_pid, l.mode, l.acquired_at,
       (extract(epoch FROM clock_timestamp() - l.acquired_at) * 1000)::bigint AS held_ms,
       CASE WHEN l.mode = 'lease' THEN COALESCE(l.expires_at < clock_timestamp(), true)
            ELSE NOT EXISTS (
                SELECT FROM pg_locks AS s
                WHERE s.locktype = 'advisory' AND s.granted AND s.pid = l.backend_pid
                  AND s.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                  AND s.classid = (($1::bigint >> 32) & 4294967295)::text::oid
                  AND s.objid = ($1::bigint & 4294967295)::text::oid AND s.objsubid = 1)
       END AS is_gone,
       o.pid AS left_pid, o.query AS left_query, o.query_ms AS left_ms,
       CASE WHEN isfinite(l.expires_at)
            THEN (extract(epoch FROM l.expires_at - clock_timestamp()) * 1000)::bigint END AS lease_left_ms
FROM godwit.run_lock AS l
LEFT JOIN LATERAL (
    SELECT k.pid, NULLIF(a.query, '<insufficient privilege>') AS query,
           (extract(epoch FROM clock_timestamp() - a.query_start) * 1000)::bigint AS query_ms
    FROM pg_locks AS k
    LEFT JOIN pg_stat_activity AS a ON a.pid = k.pid
    WHERE k.locktype = 'relation' AND k.relation = 'godwit.run_lock'::regclass
      AND k.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND k.mode = 'RowShareLock' AND k.granted AND k.pid <> pg_backend_pid()
      AND NOT EXISTS (SELECT FROM pg_locks AS c
                      WHERE c.pid = k.pid AND c.relation = k.relation
                        AND c.locktype = 'relation' AND c.mode = 'RowExclusiveLock')
    ORDER BY a.xact_start NULLS LAST, k.pid
    LIMIT 1) AS o ON true
WHERE l.name = 'run' AND l.token IS NOT NULL;
