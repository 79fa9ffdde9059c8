-- Is there a database, tablespace, subscription, replication slot or prepared transaction of this name?
-- params: text, text
-- columns: there boolean
SELECT CASE
    WHEN $1::pg_catalog.text OPERATOR(pg_catalog.=) 'database' THEN EXISTS (SELECT FROM pg_catalog.pg_database
        WHERE datname OPERATOR(pg_catalog.=) $2::pg_catalog.text::pg_catalog.name)
    WHEN $1::pg_catalog.text OPERATOR(pg_catalog.=) 'tablespace' THEN EXISTS (SELECT FROM pg_catalog.pg_tablespace
        WHERE spcname OPERATOR(pg_catalog.=) $2::pg_catalog.text::pg_catalog.name)
    WHEN $1::pg_catalog.text OPERATOR(pg_catalog.=) 'subscription' THEN EXISTS (SELECT FROM pg_catalog.pg_stat_subscription
        WHERE subname OPERATOR(pg_catalog.=) $2::pg_catalog.text::pg_catalog.name)
    WHEN $1::pg_catalog.text OPERATOR(pg_catalog.=) 'slot' THEN EXISTS (SELECT FROM pg_catalog.pg_replication_slots
        WHERE slot_name OPERATOR(pg_catalog.=) $2::pg_catalog.text::pg_catalog.name)
    WHEN $1::pg_catalog.text OPERATOR(pg_catalog.=) 'prepared' THEN EXISTS (SELECT FROM pg_catalog.pg_prepared_xacts
        WHERE gid OPERATOR(pg_catalog.=) $2::pg_catalog.text)
    ELSE false END AS there;
