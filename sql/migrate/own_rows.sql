-- The rows of Godwit's history in the transaction of a file. At its beginning ($1 true) it is noted how often this
-- session has written them and in which file of the server they lie (TRUNCATE gives a new one); at its end ($1 false)
-- that is still so, or this fails (22P02): a DO block, a function, a trigger or a name without a schema wrote there.
-- Nothing is compared where it was not noted, or a RESET ALL of the file took the note away. Names are looked up in
-- the catalog: the role of the moment may not use schema godwit.
-- params: boolean
-- columns: same boolean
SELECT CASE WHEN $1::pg_catalog.bool
            THEN pg_catalog.set_config('godwit.rows', found.now, true) IS NOT NULL
            WHEN found.now OPERATOR(pg_catalog.<>) ''
             AND NULLIF(pg_catalog.current_setting('godwit.rows', true), '') OPERATOR(pg_catalog.<>) found.now
            THEN pg_catalog.concat('rows of godwit.migrations were changed by the file', NULL::pg_catalog.text)::pg_catalog.bool
            ELSE true END AS same
FROM (SELECT COALESCE(pg_catalog.max(pg_catalog.concat_ws(' ', pg_catalog.pg_relation_filenode(c.oid),
                 pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid),
                 pg_catalog.pg_stat_get_xact_tuples_updated(c.oid),
                 pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid))), '') AS now
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
      WHERE n.nspname OPERATOR(pg_catalog.=) 'godwit' AND c.relname OPERATOR(pg_catalog.=) 'migrations') found;
