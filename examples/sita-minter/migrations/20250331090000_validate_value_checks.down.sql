-- A check cannot be made unproven again; each is dropped and added as 20250324090000 left it.
ALTER TABLE security_events
    DROP CONSTRAINT security_events_severity_check,
    ADD CONSTRAINT security_events_severity_check
    CHECK (severity IN ('info', 'warning', 'error', 'critical')) NOT VALID;

ALTER TABLE transactions
    DROP CONSTRAINT transactions_amount_check,
    ADD CONSTRAINT transactions_amount_check
    CHECK (amount ~ '^[0-9]+(\.[0-9]+)?$') NOT VALID,
    DROP CONSTRAINT transactions_status_check,
    ADD CONSTRAINT transactions_status_check
    CHECK (status IN ('pending', 'confirmed', 'failed')) NOT VALID;

ALTER TABLE tokens
    DROP CONSTRAINT tokens_supply_check,
    ADD CONSTRAINT tokens_supply_check
    CHECK (supply ~ '^[0-9]+(\.[0-9]+)?$') NOT VALID,
    DROP CONSTRAINT tokens_status_check,
    ADD CONSTRAINT tokens_status_check
    CHECK (status IN ('pending', 'confirmed', 'failed')) NOT VALID;
