-- Checkpoints come more often because the log is full, or because they are asked for, than by time; below PostgreSQL 17.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT NULL::pg_catalog.text AS severity, 'max_wal_size' AS object,
       pg_catalog.format('%s checkpoints were asked for and %s came by time; max_wal_size is %s', c.asked, c.timed,
                         pg_catalog.current_setting('max_wal_size')) AS evidence,
       NULL::pg_catalog.text AS sql
FROM (SELECT (pg_catalog.to_jsonb(b) ->> 'checkpoints_req')::pg_catalog.int8 AS asked,
             (pg_catalog.to_jsonb(b) ->> 'checkpoints_timed')::pg_catalog.int8 AS timed
      FROM pg_catalog.pg_stat_bgwriter AS b) AS c
WHERE c.asked >= 10 AND c.asked > c.timed;
