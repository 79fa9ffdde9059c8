-- godwit: only=dev
-- With what a developer has made as these users.
DELETE FROM settings WHERE key IN ('network', 'mint_fee');
DELETE FROM security_events
 WHERE user_id IN (SELECT id FROM users WHERE wallet_address LIKE 'ckb1dev%');
DELETE FROM transactions
 WHERE user_id IN (SELECT id FROM users WHERE wallet_address LIKE 'ckb1dev%')
    OR token_id IN (SELECT id FROM tokens WHERE tx_hash = '0xdev01');
DELETE FROM tokens
 WHERE creator_id IN (SELECT id FROM users WHERE wallet_address LIKE 'ckb1dev%');
DELETE FROM users WHERE wallet_address LIKE 'ckb1dev%';
