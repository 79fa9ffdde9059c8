-- Before the columns change names: no amount may be missing, or differ from its text. The checks
-- are added unproven (a moment's lock) and proven by the next migration.
DO $$
DECLARE
    bad_count bigint;
    bad_rows  text;
BEGIN
    SELECT count(*),
           string_agg(format('%s %s: %L, not %L', source, id, amount_numeric, amount),
                      ', ' ORDER BY source DESC, id)
               FILTER (WHERE n <= 10)
      INTO bad_count, bad_rows
      FROM (SELECT bad.*, row_number() OVER (ORDER BY source DESC, id) AS n
              FROM (SELECT 'orders' AS source, id, amount, amount_numeric FROM orders
                     WHERE amount_numeric IS DISTINCT FROM amount::numeric
                    UNION ALL
                    SELECT 'deposit_events', id, amount, amount_numeric FROM deposit_events
                     WHERE amount_numeric IS DISTINCT FROM amount::numeric) AS bad) AS numbered;
    IF bad_count > 0 THEN
        RAISE EXCEPTION '% amount(s) were not carried over', bad_count
            USING ERRCODE = 'check_violation',
                  DETAIL = 'The first of them (table, id, amounts): ' || bad_rows,
                  HINT = 'Set amount_numeric = amount::numeric in these rows, then run it again.';
    END IF;
END
$$;

ALTER TABLE orders
    ADD CONSTRAINT orders_amount_present CHECK (amount_numeric IS NOT NULL) NOT VALID,
    ADD CONSTRAINT orders_amount_unsigned CHECK (amount_numeric >= 0) NOT VALID;

ALTER TABLE deposit_events
    ADD CONSTRAINT deposit_events_amount_present CHECK (amount_numeric IS NOT NULL) NOT VALID,
    ADD CONSTRAINT deposit_events_amount_unsigned CHECK (amount_numeric >= 0) NOT VALID;
