-- Which parts of the log are summarized, from a position on; and what else tells of changed blocks.
-- params: bigint, pg_lsn
-- columns: start_at bigint, end_at bigint, summarizes boolean!, inspect text
-- min: 17
SELECT (s.start_lsn - '0/0'::pg_catalog.pg_lsn)::pg_catalog.int8 AS start_at,
       (s.end_lsn - '0/0'::pg_catalog.pg_lsn)::pg_catalog.int8 AS end_at,
       pg_catalog.current_setting('summarize_wal')::pg_catalog.bool AS summarizes,
       (SELECT pg_catalog.quote_ident(n.nspname)
        FROM pg_catalog.pg_extension e
        JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
        JOIN pg_catalog.pg_proc p ON p.pronamespace = n.oid AND p.proname = 'pg_get_wal_block_info'
        WHERE e.extname = 'pg_walinspect' AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
          AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE')
        LIMIT 1) AS inspect
FROM (SELECT 1) one
LEFT JOIN pg_catalog.pg_available_wal_summaries() s
  ON s.tli = $1::pg_catalog.int8 AND s.end_lsn >= $2::pg_catalog.pg_lsn
ORDER BY s.start_lsn, s.end_lsn;
