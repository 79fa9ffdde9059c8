-- What of subscriptions an ordinary role may not read, or nobody renders.
-- params: none
-- columns: text text!, digest text, extension text, quiet bool!
SELECT 'subscription ' || s.subname || CASE n.what
           WHEN 1 THEN ': its connection string (a secret that this role may not read)'
           WHEN 2 THEN ': whether it is enabled'
           ELSE ': synchronous_commit (not to be read by this role)' END AS text,
       CASE n.what WHEN 2 THEN s.subenabled::text END AS digest, NULL::text AS extension, false AS quiet
FROM pg_catalog.pg_subscription s
CROSS JOIN pg_catalog.generate_series(
    1, CASE WHEN pg_catalog.current_setting('server_version_num')::int4 < 150000 THEN 3 ELSE 2 END) AS n (what)
WHERE s.subdbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
ORDER BY 1;
