-- How old what is not committed yet may be. hidden: sessions whose times this role cannot see, or that do not tell them.
-- params: none
-- columns: at timestamptz!, oldest timestamptz, may_see boolean!, hidden bigint!, prepared bigint!, standby boolean!
SELECT pg_catalog.clock_timestamp() AS at,
       (SELECT pg_catalog.min(a.xact_start) FROM pg_catalog.pg_stat_activity a
        WHERE a.pid <> pg_catalog.pg_backend_pid()) AS oldest,
       pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') AS may_see,
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity a WHERE a.state = 'disabled') AS hidden,
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_prepared_xacts p
        WHERE p.database = pg_catalog.current_database()) AS prepared,
       pg_catalog.pg_is_in_recovery() AS standby;
