-- Add sums to the counters.
-- params: text, jsonb
-- columns: none
SELECT godwit.tracker_add($1, $2)
