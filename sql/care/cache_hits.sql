-- The database reads more than a tenth of its blocks from outside its own memory.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT NULL::pg_catalog.text AS severity, pg_catalog.quote_ident(d.datname) AS object,
       pg_catalog.format('%s %% of %s blocks were found in shared_buffers (%s)',
                         pg_catalog.round(100.0 * d.blks_hit / (d.blks_hit + d.blks_read), 1), d.blks_hit + d.blks_read,
                         pg_catalog.current_setting('shared_buffers')) AS evidence,
       NULL::pg_catalog.text AS sql
FROM pg_catalog.pg_stat_database AS d
WHERE d.datname = pg_catalog.current_database() AND d.blks_hit + d.blks_read >= 100000
  AND d.blks_hit < 0.9 * (d.blks_hit + d.blks_read);
