-- What of subscriptions is not rendered, for superusers: digests tell whether two are the same.
-- params: none
-- columns: text text!, digest text, extension text, quiet bool!
SELECT 'subscription ' || s.subname || ': its connection string (a secret)' AS text,
       pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(s.subconninfo, 'UTF8')), 'hex') AS digest,
       NULL::text AS extension, false AS quiet
FROM pg_catalog.pg_subscription s
WHERE s.subdbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
UNION ALL
SELECT 'subscription ' || s.subname || ': whether it is enabled', s.subenabled::text, NULL, false
FROM pg_catalog.pg_subscription s
WHERE s.subdbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
ORDER BY 1;
