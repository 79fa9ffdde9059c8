-- A transaction of a file that has no transaction around it has begun: as whom it acts, and whether it
-- only reads. Where its session waits for locks for ever, or $2 says so, it waits no longer than $1.
-- params: text, boolean
-- columns: session_user text!, role text!, read_only boolean!, lock_timeout text
SELECT pg_catalog.current_setting('session_authorization') AS session_user,
       pg_catalog.current_setting('role') AS role,
       pg_catalog.current_setting('transaction_read_only')::pg_catalog.bool AS read_only,
       CASE WHEN $2 OR pg_catalog.current_setting('lock_timeout') OPERATOR(pg_catalog.=) '0'
            THEN pg_catalog.set_config('lock_timeout', $1, true) END AS lock_timeout;
