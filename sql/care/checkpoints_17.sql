-- Checkpoints come more often because the log is full, or because they are asked for, than by time.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
-- min: 17
SELECT NULL::pg_catalog.text AS severity, 'max_wal_size' AS object,
       pg_catalog.format('%s checkpoints were asked for and %s came by time; max_wal_size is %s', c.num_requested, c.num_timed,
                         pg_catalog.current_setting('max_wal_size')) AS evidence,
       NULL::pg_catalog.text AS sql
FROM pg_catalog.pg_stat_checkpointer AS c
WHERE c.num_requested >= 10 AND c.num_requested > c.num_timed;
