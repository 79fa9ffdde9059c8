-- A file that has no transaction around it begins: how long its session waits for a lock ($1) and,
-- where it is not NULL, how long a statement may take ($2).
-- params: text, text
-- columns: lock_timeout text, statement_timeout text
SELECT pg_catalog.set_config('lock_timeout', $1, false) AS lock_timeout,
       CASE WHEN $2::pg_catalog.text IS NOT NULL
            THEN pg_catalog.set_config('statement_timeout', $2, false) END AS statement_timeout;
