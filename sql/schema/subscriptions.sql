-- Subscriptions of this database, without their connection strings. Options are of different
-- versions; those that have their default are left out. synchronous_commit is asked for in a query
-- of its own, as text: before 15 an ordinary role may not name it (subscription_hidden.sql says so).
-- params: none
-- columns: oid oid!, name text!, owner text!, publications text!, slot_name text, options text!,
--    enabled bool!
SELECT s.subid AS oid, s.subname::text AS name, pg_catalog.pg_get_userbyid(s.subowner)::text AS owner,
       (SELECT string_agg(pg_catalog.quote_ident(u.name), ', ' ORDER BY u.name COLLATE "C")
        FROM unnest(s.subpublications) AS u (name)) AS publications,
       s.subslotname::text AS slot_name,
       concat_ws(', ', CASE WHEN s.isbinary THEN 'binary = true' END,
                 CASE s.streaming WHEN 't' THEN 'streaming = on' WHEN 'true' THEN 'streaming = on'
                                  WHEN 'p' THEN CASE WHEN s.newer THEN NULL ELSE 'streaming = parallel' END
                                  ELSE CASE WHEN s.newer THEN 'streaming = off' END END,
                 CASE WHEN s.twophase IN ('p', 'e') THEN 'two_phase = true' END,
                 CASE WHEN s.disables THEN 'disable_on_error = true' END,
                 CASE WHEN NOT s.passwords THEN 'password_required = false' END,
                 CASE WHEN s.runs_as_owner THEN 'run_as_owner = true' END,
                 CASE WHEN s.origin <> 'any' THEN 'origin = ' || pg_catalog.quote_literal(s.origin) END,
                 CASE WHEN s.fails_over THEN 'failover = true' END,
                 CASE WHEN s.commits <> 'off' THEN 'synchronous_commit = ' || s.commits END) AS options,
       s.subenabled AS enabled
FROM (SELECT false AS subbinary, 'f'::text AS substream, 'd'::"char" AS subtwophasestate,
             false AS subdisableonerr, true AS subpasswordrequired, false AS subrunasowner,
             'any'::text AS suborigin, false AS subfailover) AS absent
CROSS JOIN LATERAL (
    SELECT o.subname, o.subowner, o.subdbid, o.subenabled, o.subslotname, o.subpublications,
           subbinary AS isbinary, substream::text AS streaming, subtwophasestate::text AS twophase,
           subdisableonerr AS disables, subpasswordrequired AS passwords, subrunasowner AS runs_as_owner,
           suborigin AS origin, subfailover AS fails_over,
           (SELECT substring(pg_catalog.query_to_xml(
                pg_catalog.format('SELECT subsynccommit AS c FROM pg_catalog.pg_subscription WHERE subdbid = %s AND subname = %L',
                                  o.subdbid, o.subname), false, true, '')::text FROM '<c>([a-z_]+)</c>')
            WHERE pg_catalog.has_column_privilege('pg_catalog.pg_subscription', 'subsynccommit', 'SELECT')) AS commits,
           -- from 18 on streaming is parallel where nothing is said
           pg_catalog.current_setting('server_version_num')::int4 >= 180000 AS newer,
           (SELECT v.subid FROM pg_catalog.pg_stat_subscription v
            WHERE v.subname = o.subname
              AND EXISTS (SELECT FROM pg_catalog.pg_database d
                          WHERE d.oid = o.subdbid AND d.datname = pg_catalog.current_database())
            ORDER BY v.subid LIMIT 1) AS subid
    FROM pg_catalog.pg_subscription o) AS s
WHERE s.subid IS NOT NULL
ORDER BY s.subname COLLATE "C";
