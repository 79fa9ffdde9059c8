-- bad: fractions of a cent
CREATE TABLE t (
    price double precision, --!
    "totalAmount" real, --!
    fee_usd float --!
);
-- good: exact, or no money
CREATE TABLE t (price numeric(12,2), latitude double precision, fee_percent real, price_ratio float,
                total_score_at timestamptz, amount bigint);
