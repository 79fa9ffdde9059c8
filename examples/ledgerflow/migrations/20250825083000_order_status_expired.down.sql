-- PostgreSQL cannot drop a value of an enum: the type is made again without it, and the column
-- moved over, which rewrites orders under a strong lock. An expired order has no place to go, so
-- as long as there is one this refuses.
DO $$
DECLARE
    expired bigint;
BEGIN
    SELECT count(*) INTO expired FROM orders WHERE status::text = 'expired';
    IF expired > 0 THEN
        RAISE EXCEPTION '% order(s) are expired, which order_status could no longer say', expired
            USING ERRCODE = 'check_violation',
                  HINT = 'Decide what they are now, for example: '
                         'UPDATE orders SET status = ''cancelled'' WHERE status = ''expired''';
    END IF;
END
$$;

ALTER TYPE order_status RENAME TO order_status_with_expired;
CREATE TYPE order_status AS ENUM ('pending', 'completed', 'failed', 'cancelled');
ALTER TABLE orders ALTER COLUMN status DROP DEFAULT;
ALTER TABLE orders ALTER COLUMN status TYPE order_status USING status::text::order_status;
ALTER TABLE orders ALTER COLUMN status SET DEFAULT 'pending';
DROP TYPE order_status_with_expired;
