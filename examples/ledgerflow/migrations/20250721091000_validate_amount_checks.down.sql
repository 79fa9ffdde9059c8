-- A check cannot be made unproven again; it is dropped and added as 20250721090000 left it.
ALTER TABLE deposit_events
    DROP CONSTRAINT deposit_events_amount_unsigned,
    DROP CONSTRAINT deposit_events_amount_present,
    ADD CONSTRAINT deposit_events_amount_present CHECK (amount_numeric IS NOT NULL) NOT VALID,
    ADD CONSTRAINT deposit_events_amount_unsigned CHECK (amount_numeric >= 0) NOT VALID;

ALTER TABLE orders
    DROP CONSTRAINT orders_amount_unsigned,
    DROP CONSTRAINT orders_amount_present,
    ADD CONSTRAINT orders_amount_present CHECK (amount_numeric IS NOT NULL) NOT VALID,
    ADD CONSTRAINT orders_amount_unsigned CHECK (amount_numeric >= 0) NOT VALID;
