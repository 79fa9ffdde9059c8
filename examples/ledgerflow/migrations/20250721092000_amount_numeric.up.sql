-- The two columns change names: from here on "amount" is NUMERIC(78,0). No statement reads the
-- tables (SET NOT NULL rests on the proven check), so the strong locks last a moment. Services
-- that send amounts as text go on working: PostgreSQL reads '100' as a number.
-- The text stays as amount_text, for a rollback, until 20251013090000 drops it.
DROP TRIGGER orders_fill_amount_numeric ON orders;
DROP TRIGGER orders_set_updated_at ON orders;
ALTER TABLE orders ALTER COLUMN amount_numeric SET NOT NULL;
ALTER TABLE orders
    DROP CONSTRAINT orders_amount_present,
    DROP CONSTRAINT orders_amount_digits,
    ALTER COLUMN amount DROP NOT NULL;
ALTER TABLE orders RENAME COLUMN amount TO amount_text;
ALTER TABLE orders RENAME COLUMN amount_numeric TO amount;
CREATE TRIGGER orders_set_updated_at
    BEFORE UPDATE ON orders
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

DROP TRIGGER deposit_events_fill_amount_numeric ON deposit_events;
ALTER TABLE deposit_events ALTER COLUMN amount_numeric SET NOT NULL;
ALTER TABLE deposit_events
    DROP CONSTRAINT deposit_events_amount_present,
    DROP CONSTRAINT deposit_events_amount_digits,
    ALTER COLUMN amount DROP NOT NULL;
ALTER TABLE deposit_events RENAME COLUMN amount TO amount_text;
ALTER TABLE deposit_events RENAME COLUMN amount_numeric TO amount;

DROP FUNCTION fill_amount_numeric();
