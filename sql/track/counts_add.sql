-- Add sums to the counters.
-- params: text, jsonb
-- columns: tracker_add void
SELECT godwit.tracker_add($1, $2)
