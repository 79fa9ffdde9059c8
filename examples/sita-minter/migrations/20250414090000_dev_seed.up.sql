-- godwit: only=dev
-- Something to look at on a developer's machine. Other environments never run it.
INSERT INTO users (wallet_address, username) VALUES
    ('ckb1dev000000000000000000000000000000000000a1', 'mira'),
    ('ckb1dev000000000000000000000000000000000000a2', NULL);

INSERT INTO tokens (name, symbol, supply, creator_id, network_id, tx_hash, status)
SELECT 'Development', 'DEV', '21000000', id, 'testnet', '0xdev01', 'confirmed'
  FROM users WHERE username = 'mira';

INSERT INTO transactions (user_id, token_id, tx_hash, tx_type, status, amount, network_id)
SELECT creator_id, id, '0xdev01', 'create', 'confirmed', '21000000', 'testnet'
  FROM tokens WHERE symbol = 'DEV';

INSERT INTO security_events (event_type, description, user_id, severity)
SELECT 'login', 'development seed', id, 'info' FROM users WHERE username = 'mira';

INSERT INTO settings (key, value, description, is_public) VALUES
    ('network', 'testnet', 'where tokens are minted', true),
    ('mint_fee', '61', 'in CKB', true);
