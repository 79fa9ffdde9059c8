-- What is Godwit's own in the transaction of a file. At its beginning ($1 true) it is noted how often this session has
-- written the history, the run lock and the version of the tables, and in which files of the server they and the audit lie
-- (TRUNCATE gives a new one, DROP none); at its end ($1 false) that is still so, or this fails (22P02): a DO block, a
-- function, a trigger or a name without a schema wrote there. Nothing is compared where it was not noted, or a RESET ALL of
-- the file took the note away. Names are looked up in the catalog: the role of the moment may not use schema godwit.
-- params: boolean
-- columns: same boolean
SELECT CASE WHEN $1::pg_catalog.bool
            THEN pg_catalog.set_config('godwit.rows', pg_catalog.concat(found.history, '|', found.others), true) IS NOT NULL
            WHEN found.history OPERATOR(pg_catalog.=) '' THEN true
            WHEN NULLIF(pg_catalog.split_part(noted.text, '|', 1), '') OPERATOR(pg_catalog.<>) found.history
            THEN pg_catalog.concat('rows of godwit.migrations were changed by the file', NULL::pg_catalog.text)::pg_catalog.bool
            WHEN NULLIF(pg_catalog.split_part(noted.text, '|', 2), '') OPERATOR(pg_catalog.<>) found.others
            THEN pg_catalog.concat('tables of schema godwit were changed by the file', NULL::pg_catalog.text)::pg_catalog.bool
            ELSE true END AS same
FROM (SELECT COALESCE(pg_catalog.max(own.state) FILTER (WHERE own.name OPERATOR(pg_catalog.=) 'migrations'), '') AS history,
             COALESCE(pg_catalog.string_agg(pg_catalog.concat_ws(' ', own.name, own.state), ', ' ORDER BY own.name)
                          FILTER (WHERE own.name OPERATOR(pg_catalog.<>) 'migrations'), '') AS others
      FROM (SELECT c.relname::pg_catalog.text AS name,
                   CASE WHEN c.relname OPERATOR(pg_catalog.=) 'events' THEN pg_catalog.pg_relation_filenode(c.oid)::pg_catalog.text
                        ELSE pg_catalog.concat_ws(' ', pg_catalog.pg_relation_filenode(c.oid),
                                 pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid),
                                 pg_catalog.pg_stat_get_xact_tuples_updated(c.oid),
                                 pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid)) END AS state
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
            WHERE n.nspname OPERATOR(pg_catalog.=) 'godwit'
              AND c.relname OPERATOR(pg_catalog.=) ANY ('{migrations,control,run_lock,events}'::pg_catalog.name[])) own) found,
     (SELECT pg_catalog.current_setting('godwit.rows', true) AS text) noted;
