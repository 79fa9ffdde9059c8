-- 2,000 users, 5,000 tokens, 100,000 transactions, 50,000 security events.
INSERT INTO users (wallet_address, username, created_at)
SELECT 'ckb1' || md5(n::text), CASE WHEN n % 3 = 0 THEN 'user' || n END, timestamp '2025-01-01' + n * interval '1 minute'
  FROM generate_series(1, 2000) AS n;
INSERT INTO tokens (name, symbol, supply, creator_id, network_id, tx_hash, status, created_at)
SELECT 'Token ' || n, 'T' || n % 1000, (n * 1000)::text, 1 + n % 2000, 'mainnet', '0xt' || n, 'confirmed',
       timestamp '2025-02-01' + n * interval '1 minute'
  FROM generate_series(1, 5000) AS n;
INSERT INTO transactions (user_id, token_id, tx_hash, tx_type, status, amount, network_id, created_at)
SELECT 1 + n % 2000, 1 + n % 5000, '0x' || n, 'transfer', 'confirmed', n::text, 'mainnet',
       timestamp '2025-02-01' + n * interval '1 minute'
  FROM generate_series(1, 100000) AS n;
INSERT INTO security_events (event_type, description, user_id, severity, created_at)
SELECT 'login', 'number ' || n, 1 + n % 2000, 'info', timestamp '2025-02-01' + n * interval '1 minute'
  FROM generate_series(1, 50000) AS n;
INSERT INTO settings (key, value, is_public)
SELECT 'key' || n, n::text, n % 2 = 0 FROM generate_series(1, 1000) AS n;
ANALYZE users, tokens, transactions, security_events, settings;
