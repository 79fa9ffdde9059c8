-- An order that nobody paid in time. The value stands alone in its file: PostgreSQL does not
-- let the transaction that adds it use it (55P04).
ALTER TYPE order_status ADD VALUE 'expired';
