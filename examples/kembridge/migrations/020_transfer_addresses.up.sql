-- godwit: no-transaction
-- From which address to which, so that both can be looked up. A service names them; old rows have none.
ALTER TABLE transactions
    ADD COLUMN source_address varchar(255),
    ADD COLUMN destination_address varchar(255);

ALTER TABLE transactions
    ADD CONSTRAINT transactions_source_address_format
    CHECK ((source_chain = 'ethereum' AND source_address ~ '^0x[a-fA-F0-9]{40}$')
           OR (source_chain = 'near' AND char_length(source_address) > 2)) NOT VALID,
    ADD CONSTRAINT transactions_destination_address_format
    CHECK ((destination_chain = 'ethereum' AND destination_address ~ '^0x[a-fA-F0-9]{40}$')
           OR (destination_chain = 'near' AND char_length(destination_address) > 2)) NOT VALID;
ALTER TABLE transactions VALIDATE CONSTRAINT transactions_source_address_format;
ALTER TABLE transactions VALIDATE CONSTRAINT transactions_destination_address_format;

-- What a user did of late.
CREATE INDEX CONCURRENTLY idx_transactions_user_created ON transactions (user_id, created_at);
