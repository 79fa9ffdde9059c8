-- Nothing is lost: the text column is still the one that is written.
DROP TRIGGER deposit_events_fill_amount_numeric ON deposit_events;
ALTER TABLE deposit_events
    DROP CONSTRAINT deposit_events_amount_digits,
    DROP COLUMN amount_numeric;

DROP TRIGGER orders_set_updated_at ON orders;
DROP TRIGGER orders_fill_amount_numeric ON orders;
ALTER TABLE orders
    DROP CONSTRAINT orders_amount_digits,
    DROP COLUMN amount_numeric;

CREATE TRIGGER orders_set_updated_at
    BEFORE UPDATE ON orders
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

DROP FUNCTION fill_amount_numeric();
