ALTER TABLE orders DROP COLUMN transaction_hash;
