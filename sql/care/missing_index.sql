-- Tables of some size that have indexes and are nevertheless mostly read from end to end.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT NULL::pg_catalog.text AS severity,
       pg_catalog.format('%I.%I', s.schemaname, s.relname) AS object,
       pg_catalog.format('about %s rows; %s sequential scans, which read %s rows each, and %s index scans',
                         greatest(c.reltuples::pg_catalog.int8, s.n_live_tup), s.seq_scan,
                         s.seq_tup_read / s.seq_scan, s.idx_scan) AS evidence,
       NULL::pg_catalog.text AS sql
FROM pg_catalog.pg_stat_user_tables AS s
JOIN pg_catalog.pg_class AS c ON c.oid = s.relid
WHERE s.schemaname <> 'godwit' AND s.seq_scan >= 50 AND s.idx_scan > 0 AND s.seq_scan > s.idx_scan
  AND greatest(c.reltuples::pg_catalog.int8, s.n_live_tup) >= 10000
  AND s.seq_tup_read / s.seq_scan >= 5000
ORDER BY s.seq_tup_read DESC;
