-- Rows written since the change get their text from the number, so no amount is lost; leading
-- zeros of such rows are ('007' comes back as '7'). The update and SET NOT NULL read the tables
-- under a strong lock: this is for a rollback soon after, not months later.
CREATE FUNCTION fill_amount_numeric() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.amount_numeric := NEW.amount::numeric;
    RETURN NEW;
END
$$;

DROP TRIGGER orders_set_updated_at ON orders;
UPDATE orders
   SET amount_text = amount::text
 WHERE amount_text IS NULL OR amount_text::numeric <> amount;
ALTER TABLE orders RENAME COLUMN amount TO amount_numeric;
ALTER TABLE orders RENAME COLUMN amount_text TO amount;
ALTER TABLE orders
    ALTER COLUMN amount SET NOT NULL,
    ALTER COLUMN amount_numeric DROP NOT NULL,
    ADD CONSTRAINT orders_amount_digits CHECK (amount ~ '^[0-9]{1,78}$') NOT VALID,
    ADD CONSTRAINT orders_amount_present CHECK (amount_numeric IS NOT NULL);
CREATE TRIGGER orders_fill_amount_numeric
    BEFORE INSERT OR UPDATE OF amount ON orders
    FOR EACH ROW EXECUTE FUNCTION fill_amount_numeric();
CREATE TRIGGER orders_set_updated_at
    BEFORE UPDATE ON orders
    FOR EACH ROW
    WHEN (NOT (OLD.amount_numeric IS NULL AND NEW.amount_numeric IS NOT NULL
               AND OLD.amount = NEW.amount))
    EXECUTE FUNCTION set_updated_at();

UPDATE deposit_events
   SET amount_text = amount::text
 WHERE amount_text IS NULL OR amount_text::numeric <> amount;
ALTER TABLE deposit_events RENAME COLUMN amount TO amount_numeric;
ALTER TABLE deposit_events RENAME COLUMN amount_text TO amount;
ALTER TABLE deposit_events
    ALTER COLUMN amount SET NOT NULL,
    ALTER COLUMN amount_numeric DROP NOT NULL,
    ADD CONSTRAINT deposit_events_amount_digits CHECK (amount ~ '^[0-9]{1,78}$') NOT VALID,
    ADD CONSTRAINT deposit_events_amount_present CHECK (amount_numeric IS NOT NULL);
CREATE TRIGGER deposit_events_fill_amount_numeric
    BEFORE INSERT OR UPDATE OF amount ON deposit_events
    FOR EACH ROW EXECUTE FUNCTION fill_amount_numeric();
