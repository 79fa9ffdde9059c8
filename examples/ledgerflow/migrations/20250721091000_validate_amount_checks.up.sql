-- Reads every row, while others read and write.
ALTER TABLE orders VALIDATE CONSTRAINT orders_amount_present;
ALTER TABLE orders VALIDATE CONSTRAINT orders_amount_unsigned;
ALTER TABLE deposit_events VALIDATE CONSTRAINT deposit_events_amount_present;
ALTER TABLE deposit_events VALIDATE CONSTRAINT deposit_events_amount_unsigned;
