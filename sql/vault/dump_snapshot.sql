-- The snapshot of this transaction, for pg_dump to share, and when it was taken.
-- params: none
-- columns: name text!, taken_at timestamptz!
SELECT pg_catalog.pg_export_snapshot() AS name, pg_catalog.now() AS taken_at;
