-- Who has the run lock, for people. is_free: nobody has the row; actor, host and command are then those of
-- the last run. is_gone: its session has ended, its lease has run out, or it has let go. left_…: a backend that
-- is still in a transaction of a run (each has a row lock on run_lock until it ends; whoever only tries to
-- claim it has another lock as well). key_…: who has the session lock, which stays on a server that has not
-- noticed that its client is gone. What another role runs, since when and from where is NULL for who may not
-- see it. $1: the key of the session lock.
-- params: bigint
-- columns: token text, actor text, host text, command text, backend_pid integer, mode text,
--   acquired_at timestamptz, held_ms bigint, is_free boolean!, is_gone boolean!, lease_left_ms bigint,
--   left_pid integer, left_user text, left_application text, left_client text, left_state text,
--   left_query text, left_ms bigint, key_pid integer, key_user text, key_application text, key_client text,
--   key_ms bigint
SELECT l.token, l.actor, l.host, l.command, l.backend_pid, l.mode, l.acquired_at,
       (extract(epoch FROM pg_catalog.clock_timestamp() - l.acquired_at) * 1000)::bigint AS held_ms,
       l.token IS NULL AS is_free,
       CASE WHEN l.token IS NULL THEN true
            WHEN l.mode = 'lease' THEN COALESCE(l.expires_at < pg_catalog.clock_timestamp(), true)
            ELSE k.pid IS DISTINCT FROM l.backend_pid END AS is_gone,
       CASE WHEN l.token IS NOT NULL AND pg_catalog.isfinite(l.expires_at)
            THEN (extract(epoch FROM l.expires_at - pg_catalog.clock_timestamp()) * 1000)::bigint END AS lease_left_ms,
       o.pid AS left_pid, o.usename AS left_user, o.application AS left_application, o.client AS left_client,
       o.state AS left_state, o.query AS left_query, o.ms AS left_ms,
       k.pid AS key_pid, k.usename AS key_user, k.application AS key_application, k.client AS key_client,
       k.ms AS key_ms
FROM godwit.run_lock AS l
LEFT JOIN LATERAL (
    SELECT w.pid, a.usename::pg_catalog.text AS usename, NULLIF(a.application_name, '') AS application,
           pg_catalog.host(a.client_addr) AS client, a.state, NULLIF(a.query, '<insufficient privilege>') AS query,
           (extract(epoch FROM pg_catalog.clock_timestamp()
                    - CASE WHEN a.state = 'active' THEN a.query_start ELSE a.state_change END)
            * 1000)::bigint AS ms
    FROM pg_catalog.pg_locks AS w
    LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = w.pid
    WHERE w.locktype = 'relation' AND w.relation = 'godwit.run_lock'::pg_catalog.regclass
      AND w.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
      AND w.mode = 'RowShareLock' AND w.granted AND w.pid <> pg_catalog.pg_backend_pid()
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_locks AS c
                      WHERE c.pid = w.pid AND c.relation = w.relation
                        AND c.locktype = 'relation' AND c.mode = 'RowExclusiveLock')
    ORDER BY a.xact_start NULLS LAST, w.pid
    LIMIT 1) AS o ON true
LEFT JOIN LATERAL (
    SELECT s.pid, a.usename::pg_catalog.text AS usename, NULLIF(a.application_name, '') AS application,
           pg_catalog.host(a.client_addr) AS client,
           (extract(epoch FROM pg_catalog.clock_timestamp() - a.backend_start) * 1000)::bigint AS ms
    FROM pg_catalog.pg_locks AS s
    LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = s.pid
    WHERE s.locktype = 'advisory' AND s.granted AND s.pid <> pg_catalog.pg_backend_pid()
      AND s.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
      AND s.classid = (($1::bigint >> 32) & 4294967295)::pg_catalog.text::pg_catalog.oid
      AND s.objid = ($1::bigint & 4294967295)::pg_catalog.text::pg_catalog.oid AND s.objsubid = 1
    ORDER BY s.pid
    LIMIT 1) AS k ON true
WHERE l.name = 'run';
