-- Enough rows, in the schema as it is today, for the planner to prefer an index that serves.
INSERT INTO accounts (account_id, email, telegram_id, evm_address, username)
SELECT 'acct-' || n, 'person' || n || '@mail.example', n, '0xaddress' || n, 'user' || n
  FROM generate_series(1, 20000) AS n;

INSERT INTO orders (order_id, account_id, broker_id, amount, token_address, status, created_at,
                    transaction_hash)
SELECT 'order-' || n, 'acct-' || 1 + n % 2000, 'broker-' || n % 50, n, '0xtoken',
       CASE WHEN n % 20 = 0 THEN 'pending' ELSE 'completed' END::order_status,
       timestamptz '2025-05-01 00:00:00Z' + (n * 7919 % 20000) * interval '1 minute',
       CASE WHEN n % 20 <> 0 THEN '0xhash' || n END
  FROM generate_series(1, 20000) AS n;

INSERT INTO chain_states (chain_id, contract_address, last_scanned_block)
SELECT n % 5, '0xcontract' || n, n FROM generate_series(1, 2000) AS n;

INSERT INTO deposit_events (chain_id, contract_address, order_id, sender, amount, transaction_hash,
                            block_number, log_index, processed)
SELECT c.chain_id, c.contract_address, 'order-' || n, '0xsender' || n % 500, n, '0xhash' || n, n, n % 4,
       n % 20 <> 0
  FROM generate_series(1, 20000) AS n
  JOIN chain_states AS c ON c.contract_address = '0xcontract' || 1 + n % 20;

ANALYZE;
