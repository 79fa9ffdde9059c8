ALTER TABLE security_events DROP CONSTRAINT security_events_severity_check;
ALTER TABLE transactions
    DROP CONSTRAINT transactions_amount_check,
    DROP CONSTRAINT transactions_status_check;
ALTER TABLE tokens
    DROP CONSTRAINT tokens_supply_check,
    DROP CONSTRAINT tokens_status_check;
