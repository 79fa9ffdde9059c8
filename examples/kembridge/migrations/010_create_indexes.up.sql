-- godwit: no-transaction
-- Two foreign keys without an index, a wallet that could be registered twice, and the work list of
-- the timeouts. CONCURRENTLY: writers do not wait.
CREATE INDEX CONCURRENTLY idx_sessions_auth_method_id ON user_sessions (auth_method_id);
CREATE INDEX CONCURRENTLY idx_transactions_quantum_key_id
    ON transactions (quantum_key_id) WHERE quantum_key_id IS NOT NULL;

-- Upper and lower case in an Ethereum address are a checksum: 0xAB… and 0xab… are one wallet.
CREATE UNIQUE INDEX CONCURRENTLY idx_auth_methods_ethereum_wallet
    ON user_auth_methods (lower(wallet_address)) WHERE chain_type = 'ethereum';

-- A locked transfer hangs as well as a pending one.
CREATE INDEX CONCURRENTLY idx_transactions_open_expires
    ON transactions (expires_at) WHERE status IN ('pending', 'locked');
