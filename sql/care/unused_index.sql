-- Indexes that no query has used and that hold no rule: neither unique, nor of a constraint, nor an identity.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT NULL::pg_catalog.text AS severity,
       pg_catalog.format('%I.%I', s.schemaname, s.indexrelname) AS object,
       pg_catalog.format('%s on %I.%I, not used since %s', pg_catalog.pg_size_pretty(c.relpages::pg_catalog.int8
                             * pg_catalog.current_setting('block_size')::pg_catalog.int8),
                         s.schemaname, s.relname,
                         coalesce(pg_catalog.to_char(d.stats_reset, 'YYYY-MM-DD'), 'statistics began')) AS evidence,
       pg_catalog.format('DROP INDEX CONCURRENTLY %I.%I', s.schemaname, s.indexrelname) AS sql
FROM pg_catalog.pg_stat_user_indexes AS s
JOIN pg_catalog.pg_class AS c ON c.oid = s.indexrelid
JOIN pg_catalog.pg_index AS x ON x.indexrelid = s.indexrelid
JOIN pg_catalog.pg_stat_database AS d ON d.datname = pg_catalog.current_database()
WHERE s.schemaname <> 'godwit' AND s.idx_scan = 0 AND c.relpages >= 128
  AND x.indisvalid AND NOT x.indisunique AND NOT x.indisreplident AND NOT x.indisexclusion
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint AS k WHERE k.conindid = s.indexrelid)
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_inherits AS h WHERE h.inhrelid = s.indexrelid)
ORDER BY c.relpages DESC, object;
