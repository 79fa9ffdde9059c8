-- The view that this transaction has of the database, for other sessions.
-- params: none
-- columns: name text!
SELECT pg_catalog.pg_export_snapshot() AS name
