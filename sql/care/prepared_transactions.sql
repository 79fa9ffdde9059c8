-- Transactions that were prepared for two-phase commit longer than $1 milliseconds ago and that nobody has ended.
-- params: bigint
-- columns: severity text, object text!, evidence text!, sql text
SELECT NULL::pg_catalog.text AS severity, pg_catalog.quote_literal(p.gid) AS object,
       pg_catalog.format('prepared by %s in %s %s ago; it keeps its locks', p.owner, p.database,
                         pg_catalog.date_trunc('second', pg_catalog.clock_timestamp() - p.prepared)) AS evidence,
       pg_catalog.format('ROLLBACK PREPARED %L', p.gid) AS sql
FROM pg_catalog.pg_prepared_xacts AS p
WHERE p.prepared < pg_catalog.clock_timestamp() - $1::pg_catalog.int8 * '1 ms'::pg_catalog.interval
ORDER BY p.prepared;
