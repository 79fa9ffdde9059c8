ALTER TABLE deposit_events
    DROP CONSTRAINT deposit_events_amount_unsigned,
    DROP CONSTRAINT deposit_events_amount_present;

ALTER TABLE orders
    DROP CONSTRAINT orders_amount_unsigned,
    DROP CONSTRAINT orders_amount_present;
