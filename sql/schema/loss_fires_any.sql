-- Is there anything that writing to a table could set off (loss_fires.sql), or a command (loss_watches.sql)?
-- params: none
-- columns: found boolean!, commands boolean!
SELECT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t
               JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
               JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
               WHERE NOT t.tgisinternal AND n.nspname <> 'godwit')
    OR EXISTS (SELECT FROM pg_catalog.pg_rewrite AS r
               WHERE r.ev_type IN ('2', '3', '4') AND r.oid >= 16384)
    OR EXISTS (SELECT FROM pg_catalog.pg_constraint AS k
               JOIN pg_catalog.pg_namespace AS n ON n.oid = k.connamespace
               WHERE k.contype = 'f' AND (k.confdeltype IN ('c', 'n', 'd') OR k.confupdtype IN ('n', 'd'))
                 AND n.nspname <> 'godwit') AS found,
    EXISTS (SELECT FROM pg_catalog.pg_event_trigger AS e
            JOIN pg_catalog.pg_proc AS p ON p.oid = e.evtfoid
            JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang AND l.lanname NOT IN ('c', 'internal')
            WHERE e.evtevent <> 'login') AS commands;
