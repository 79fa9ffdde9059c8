-- Rows that went before a time are no longer remembered: one that comes back is a stranger in the destination.
-- params: timestamptz
-- columns: none
DELETE FROM godwit.sync_departed d WHERE d.gone_at < $1
