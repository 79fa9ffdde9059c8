-- godwit: no-transaction
CREATE INDEX CONCURRENTLY orders_transaction_hash_idx
    ON orders (transaction_hash) WHERE transaction_hash IS NOT NULL;
