-- How long this session waits for a lock, in milliseconds; where it waits for ever, and $1 is not NULL,
-- it does so no more.
-- params: text
-- columns: before_ms bigint, lock_timeout text
SELECT s.setting::pg_catalog.int8 AS before_ms,
       CASE WHEN s.setting OPERATOR(pg_catalog.=) '0' AND $1::pg_catalog.text IS NOT NULL
            THEN pg_catalog.set_config('lock_timeout', $1, false) END AS lock_timeout
FROM pg_catalog.pg_settings AS s
WHERE s.name OPERATOR(pg_catalog.=) 'lock_timeout';
