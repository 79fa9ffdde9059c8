-- The commit of this transaction does not wait for the disk.
-- params: none
-- columns: synchronous_commit text
SELECT pg_catalog.set_config('synchronous_commit', 'off', true) AS synchronous_commit;
