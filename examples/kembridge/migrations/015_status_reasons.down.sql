-- The reasons are lost.
ALTER TABLE transactions DROP COLUMN status_reason;
