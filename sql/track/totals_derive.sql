-- Balances that blocks say as totals.
-- params: text
-- columns: tracker_totals void
SELECT godwit.tracker_totals($1)
