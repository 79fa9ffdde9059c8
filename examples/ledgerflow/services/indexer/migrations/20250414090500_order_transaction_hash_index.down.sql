-- godwit: no-transaction
DROP INDEX CONCURRENTLY orders_transaction_hash_idx;
