-- Settings that contradict the $1 bytes of memory that the machine of the server has.
-- params: bigint
-- columns: severity text, object text!, evidence text!, sql text
SELECT f.severity, f.object, f.evidence, NULL::pg_catalog.text AS sql
FROM (SELECT $1::pg_catalog.int8 AS machine,
             pg_catalog.pg_size_bytes(pg_catalog.current_setting('shared_buffers')) AS buffers,
             pg_catalog.pg_size_bytes(pg_catalog.current_setting('effective_cache_size')) AS cache,
             pg_catalog.pg_size_bytes(pg_catalog.current_setting('work_mem')) AS work,
             pg_catalog.current_setting('max_connections')::pg_catalog.int8 AS most) AS s
CROSS JOIN LATERAL (VALUES
    (s.buffers > 0.6 * s.machine, NULL, 'shared_buffers',
     pg_catalog.format('%s of %s: nothing is left for sessions and the system', pg_catalog.pg_size_pretty(s.buffers),
                       pg_catalog.pg_size_pretty(s.machine))),
    (s.buffers < 0.02 * s.machine, 'note', 'shared_buffers',
     pg_catalog.format('%s of %s: a quarter is a usual start', pg_catalog.pg_size_pretty(s.buffers),
                       pg_catalog.pg_size_pretty(s.machine))),
    (s.cache > s.machine, NULL, 'effective_cache_size',
     pg_catalog.format('%s where the machine has %s: the planner believes in a cache that cannot be',
                       pg_catalog.pg_size_pretty(s.cache), pg_catalog.pg_size_pretty(s.machine))),
    (s.work * s.most + s.buffers > 2 * s.machine, NULL, 'work_mem',
     pg_catalog.format('%s for each sort of up to %s sessions, where the machine has %s', pg_catalog.pg_size_pretty(s.work),
                       s.most, pg_catalog.pg_size_pretty(s.machine)))
) AS f (found, severity, object, evidence)
WHERE f.found
ORDER BY f.object;
