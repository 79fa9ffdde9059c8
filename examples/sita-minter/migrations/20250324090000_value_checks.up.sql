-- The values that the guide lists, and amounts that are numbers though they are text. Unproven at first:
-- a moment's lock, and new rows are held to it from now on.
ALTER TABLE tokens
    ADD CONSTRAINT tokens_status_check
    CHECK (status IN ('pending', 'confirmed', 'failed')) NOT VALID,
    ADD CONSTRAINT tokens_supply_check
    CHECK (supply ~ '^[0-9]+(\.[0-9]+)?$') NOT VALID;

ALTER TABLE transactions
    ADD CONSTRAINT transactions_status_check
    CHECK (status IN ('pending', 'confirmed', 'failed')) NOT VALID,
    ADD CONSTRAINT transactions_amount_check
    CHECK (amount ~ '^[0-9]+(\.[0-9]+)?$') NOT VALID;

ALTER TABLE security_events
    ADD CONSTRAINT security_events_severity_check
    CHECK (severity IN ('info', 'warning', 'error', 'critical')) NOT VALID;
