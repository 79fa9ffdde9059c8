-- Amounts were text, and "9" > "10". They become NUMERIC(78,0), which holds every uint256.
-- ALTER COLUMN … TYPE would rewrite both tables while nobody can read them, so it is done in
-- steps: a second column that follows the first (here), the old rows filled in batches, a check,
-- then the two columns change names (20250721092000).

-- First the guard: one amount that is no whole number stops everything, before anything is done.
DO $$
DECLARE
    bad_count bigint;
    bad_rows  text;
BEGIN
    SELECT count(*),
           string_agg(format('%s %s: %L', source, id, amount), ', ' ORDER BY source DESC, id)
               FILTER (WHERE n <= 10)
      INTO bad_count, bad_rows
      FROM (SELECT source, id, amount, row_number() OVER (ORDER BY source DESC, id) AS n
              FROM (SELECT 'orders' AS source, id, amount FROM orders
                     WHERE amount !~ '^[0-9]{1,78}$'
                    UNION ALL
                    SELECT 'deposit_events', id, amount FROM deposit_events
                     WHERE amount !~ '^[0-9]{1,78}$') AS bad) AS numbered;
    IF bad_count > 0 THEN
        RAISE EXCEPTION '% amount(s) are not whole numbers of 1 to 78 digits', bad_count
            USING ERRCODE = 'check_violation',
                  DETAIL = 'The first of them (table, id, amount): ' || bad_rows,
                  HINT = 'Correct these rows, then run the migration again. Nothing was changed.';
    END IF;
END
$$;

CREATE FUNCTION fill_amount_numeric() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.amount_numeric := NEW.amount::numeric;
    RETURN NEW;
END
$$;

-- Neither the column (no default) nor the check (NOT VALID) reads the table: a moment's lock.
ALTER TABLE orders
    ADD COLUMN amount_numeric numeric(78, 0),
    ADD CONSTRAINT orders_amount_digits CHECK (amount ~ '^[0-9]{1,78}$') NOT VALID;

CREATE TRIGGER orders_fill_amount_numeric
    BEFORE INSERT OR UPDATE OF amount ON orders
    FOR EACH ROW EXECUTE FUNCTION fill_amount_numeric();

-- Filling an old row's new column is no change of the order: updated_at must not say so.
DROP TRIGGER orders_set_updated_at ON orders;
CREATE TRIGGER orders_set_updated_at
    BEFORE UPDATE ON orders
    FOR EACH ROW
    WHEN (NOT (OLD.amount_numeric IS NULL AND NEW.amount_numeric IS NOT NULL
               AND OLD.amount = NEW.amount))
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE deposit_events
    ADD COLUMN amount_numeric numeric(78, 0),
    ADD CONSTRAINT deposit_events_amount_digits CHECK (amount ~ '^[0-9]{1,78}$') NOT VALID;

CREATE TRIGGER deposit_events_fill_amount_numeric
    BEFORE INSERT OR UPDATE OF amount ON deposit_events
    FOR EACH ROW EXECUTE FUNCTION fill_amount_numeric();
