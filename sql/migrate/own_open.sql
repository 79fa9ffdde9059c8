-- A transaction of Godwit's own beside a file's: the run lock's fence ($1), and its commit is on the server's disk
-- when it has come back, also where role or database have synchronous_commit = off. A crash would otherwise take
-- back what is written down of something that itself stays.
-- params: text
-- columns: fence void, synchronous_commit text
SELECT godwit.fence($1) AS fence,
       CASE WHEN pg_catalog.current_setting('synchronous_commit') OPERATOR(pg_catalog.=) 'off'
            THEN pg_catalog.set_config('synchronous_commit', 'local', true) END AS synchronous_commit;
