-- Tables of some size that are read, and always from end to end.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT NULL::pg_catalog.text AS severity,
       pg_catalog.format('%I.%I', s.schemaname, s.relname) AS object,
       pg_catalog.format('about %s rows; %s sequential scans, which read %s rows each, and no index scan%s',
                         greatest(c.reltuples::pg_catalog.int8, s.n_live_tup), s.seq_scan,
                         s.seq_tup_read / s.seq_scan,
                         CASE WHEN c.relhasindex THEN '' ELSE ': it has no index' END) AS evidence,
       NULL::pg_catalog.text AS sql
FROM pg_catalog.pg_stat_user_tables AS s
JOIN pg_catalog.pg_class AS c ON c.oid = s.relid
WHERE s.schemaname <> 'godwit' AND s.seq_scan >= 50 AND coalesce(s.idx_scan, 0) = 0
  AND greatest(c.reltuples::pg_catalog.int8, s.n_live_tup) >= 10000
  AND s.seq_tup_read / s.seq_scan >= 5000
ORDER BY s.seq_tup_read DESC;
