-- godwit: only=dev
-- Something to look at on a developer's machine. Other environments never run it.
INSERT INTO accounts (account_id, email, telegram_id, evm_address, username, first_name) VALUES
    ('acme',     'ops@acme.example',  NULL, '0x00000000000000000000000000000000000000a1', NULL,    NULL),
    ('tg-70001', NULL,               70001, '0x00000000000000000000000000000000000000a2', 'mira',  'Mira'),
    ('tg-70002', 'jo@mail.example',  70002, '0x00000000000000000000000000000000000000a3', 'jo_dev', 'Jo');

INSERT INTO chain_states (chain_id, contract_address, last_scanned_block) VALUES
    (1,     '0x00000000000000000000000000000000000000c1', 23500000),
    (11155111, '0x00000000000000000000000000000000000000c2', 9300000);

INSERT INTO orders (order_id, account_id, broker_id, amount, token_address, status, transaction_hash) VALUES
    ('dev-0001', 'acme',     'broker-1', 1000000,             '0x00000000000000000000000000000000000000d1', 'completed', '0xdev01'),
    ('dev-0002', 'tg-70001', 'broker-1', 2500000,             '0x00000000000000000000000000000000000000d1', 'pending',   NULL),
    ('dev-0003', 'tg-70002', 'broker-2', 1000000000000000000, '0x00000000000000000000000000000000000000d2', 'expired',   NULL);

INSERT INTO deposit_events (chain_id, contract_address, order_id, sender, amount, transaction_hash, block_number, log_index, processed) VALUES
    (1, '0x00000000000000000000000000000000000000c1', 'dev-0001', '0x00000000000000000000000000000000000000a1', 1000000, '0xdev01', 23499990, 0, true),
    (1, '0x00000000000000000000000000000000000000c1', 'dev-0002', '0x00000000000000000000000000000000000000a2', 2500000, '0xdev02', 23499999, 3, false);
