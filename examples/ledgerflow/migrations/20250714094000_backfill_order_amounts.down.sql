-- There is nothing to take back: the filled column is dropped by the rollback of 20250714093000.
DO $$
BEGIN
    RAISE NOTICE 'amount_numeric stays filled until 20250714093000 is rolled back';
END
$$;
