-- Whether a database holds nothing that somebody made, be it in a schema or not; plpgsql and the schema public
-- come with it.
-- params: none
-- columns: empty boolean!
WITH own AS (
    SELECT n.oid FROM pg_catalog.pg_namespace AS n
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
)
SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_class AS o JOIN own ON own.oid = o.relnamespace)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_proc AS o JOIN own ON own.oid = o.pronamespace)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_type AS o JOIN own ON own.oid = o.typnamespace)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_operator AS o JOIN own ON own.oid = o.oprnamespace)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_opfamily AS o JOIN own ON own.oid = o.opfnamespace)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_collation AS o JOIN own ON own.oid = o.collnamespace)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_conversion AS o JOIN own ON own.oid = o.connamespace)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_ts_config AS o JOIN own ON own.oid = o.cfgnamespace)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_ts_dict AS o JOIN own ON own.oid = o.dictnamespace)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_ts_parser AS o JOIN own ON own.oid = o.prsnamespace)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_ts_template AS o JOIN own ON own.oid = o.tmplnamespace)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_namespace AS o JOIN own ON own.oid = o.oid WHERE o.nspname <> 'public')
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_extension AS o WHERE o.extname <> 'plpgsql')
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_publication)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_event_trigger)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_default_acl)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_foreign_data_wrapper)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_transform)
   -- below 16384: what initdb has made
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_cast AS o WHERE o.oid >= 16384)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_am AS o WHERE o.oid >= 16384)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_language AS o WHERE o.oid >= 16384 AND o.lanname <> 'plpgsql')
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_subscription AS o JOIN pg_catalog.pg_database AS d ON d.oid = o.subdbid
                   WHERE d.datname = pg_catalog.current_database()) AS empty;
