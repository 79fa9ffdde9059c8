-- godwit: no-transaction
-- Reads every row, while others read and write. A row that does not fit stops it, and the error names the check.
ALTER TABLE tokens VALIDATE CONSTRAINT tokens_status_check;
ALTER TABLE tokens VALIDATE CONSTRAINT tokens_supply_check;
ALTER TABLE transactions VALIDATE CONSTRAINT transactions_status_check;
ALTER TABLE transactions VALIDATE CONSTRAINT transactions_amount_check;
ALTER TABLE security_events VALIDATE CONSTRAINT security_events_severity_check;
