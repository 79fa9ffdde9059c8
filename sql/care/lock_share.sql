-- For the rest of the transaction a lock is waited for so long that as many of them ($1), one after another, are had or given up before anybody who
-- waits for one of them looks for a deadlock: no statement of others is ended for upkeep's sake.
-- params: bigint
-- columns: set_to text!
SELECT pg_catalog.set_config('lock_timeout', greatest(10, least(500, (
    SELECT min(s.setting::pg_catalog.int8 / CASE s.name WHEN 'deadlock_timeout' THEN 2 ELSE 1 END) FROM pg_catalog.pg_settings AS s
    WHERE s.name IN ('deadlock_timeout', 'lock_timeout') AND s.setting <> '0')) / greatest($1::pg_catalog.int8, 1))::pg_catalog.text, true) AS set_to;
