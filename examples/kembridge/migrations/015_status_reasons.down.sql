-- The reasons are lost.
-- godwit: ignore lossy-down only updated_at, which the trigger moves on
ALTER TABLE transactions DROP COLUMN status_reason;
