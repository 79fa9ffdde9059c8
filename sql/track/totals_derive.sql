-- Balances that blocks say as totals.
-- params: text
-- columns: none
SELECT godwit.tracker_totals($1)
