-- godwit: only=dev
DELETE FROM deposit_events WHERE transaction_hash LIKE '0xdev%';
DELETE FROM orders WHERE order_id LIKE 'dev-%';
DELETE FROM chain_states WHERE contract_address IN
    ('0x00000000000000000000000000000000000000c1', '0x00000000000000000000000000000000000000c2');
DELETE FROM accounts WHERE account_id IN ('acme', 'tg-70001', 'tg-70002');
