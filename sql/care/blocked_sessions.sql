-- Who waits for whom as a tree, from those who keep others waiting and wait for nobody, where somebody in it has
-- waited for longer than $1 milliseconds: one row a session, its way from the root as its name.
-- params: bigint
-- columns: severity text, object text!, evidence text!, sql text
WITH RECURSIVE waiting AS MATERIALIZED (
    SELECT l.pid, pg_catalog.min(l.mode) AS mode,
           pg_catalog.min(CASE WHEN l.relation IS NULL THEN l.locktype
                               ELSE coalesce(pg_catalog.format('%I.%I', n.nspname, c.relname), 'a relation') END) AS what,
           pg_catalog.min((pg_catalog.to_jsonb(l) ->> 'waitstart')::pg_catalog.timestamptz) AS since
    FROM pg_catalog.pg_locks AS l
    LEFT JOIN pg_catalog.pg_database AS d ON d.oid = l.database AND d.datname = pg_catalog.current_database()
    LEFT JOIN pg_catalog.pg_class AS c ON c.oid = l.relation AND d.oid IS NOT NULL
    LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE NOT l.granted
    GROUP BY l.pid
), edges AS MATERIALIZED (
    SELECT DISTINCT w.pid, b.pid AS blocker
    FROM waiting AS w, LATERAL pg_catalog.unnest(pg_catalog.pg_blocking_pids(w.pid)) AS b (pid)
), tree AS (
    SELECT e.blocker AS pid, ARRAY[e.blocker] AS path
    FROM edges AS e WHERE e.blocker NOT IN (SELECT w.pid FROM waiting AS w)
    UNION
    SELECT e.pid, t.path || e.pid FROM tree AS t JOIN edges AS e ON e.blocker = t.pid WHERE e.pid <> ALL (t.path)
), told AS (
    SELECT t.path, t.pid, a.usename, a.application_name, a.state, a.query, w.mode, w.what,
           pg_catalog.clock_timestamp() - coalesce(w.since, a.query_start) AS waited,
           pg_catalog.max(CASE WHEN w.pid IS NOT NULL
                               THEN coalesce(pg_catalog.clock_timestamp() - coalesce(w.since, a.query_start), '1 day') END)
               OVER (PARTITION BY t.path[1]) AS longest,
           pg_catalog.count(*) OVER (PARTITION BY t.path[1]) - 1 AS behind
    FROM tree AS t
    LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = t.pid
    LEFT JOIN waiting AS w ON w.pid = t.pid
)
SELECT CASE WHEN pg_catalog.cardinality(t.path) > 1 THEN 'note' END AS severity,
       'pid ' || pg_catalog.array_to_string(t.path, ' > ') AS object,
       CASE WHEN t.pid = 0 THEN pg_catalog.format('a prepared transaction keeps %s waiting', t.behind)
            WHEN pg_catalog.cardinality(t.path) = 1
            THEN pg_catalog.format('%s (%s) keeps %s waiting, %s: %s', t.usename, coalesce(nullif(t.application_name, ''), '?'),
                                   t.behind, coalesce(t.state, 'state hidden'),
                                   pg_catalog.left(pg_catalog.regexp_replace(t.query, '\s+', ' ', 'g'), 120))
            ELSE pg_catalog.format('%s (%s) has waited %s for %s on %s: %s', t.usename,
                                   coalesce(nullif(t.application_name, ''), '?'),
                                   coalesce(pg_catalog.date_trunc('second', t.waited)::pg_catalog.text, 'some time'),
                                   t.mode, t.what, pg_catalog.left(pg_catalog.regexp_replace(t.query, '\s+', ' ', 'g'), 120))
            END AS evidence,
       CASE WHEN pg_catalog.cardinality(t.path) = 1 AND t.pid <> 0
            THEN pg_catalog.format('SELECT pg_catalog.pg_terminate_backend(%s)', t.pid) END AS sql
FROM told AS t
WHERE t.longest >= $1::pg_catalog.int8 * '1 ms'::pg_catalog.interval
ORDER BY t.path;
