-- A small LedgerFlow in the schema of its first day: what the later migrations meet.
-- Telegram 1-50 have an account already, 51-200 are known to the bot alone.
INSERT INTO accounts (account_id, email, telegram_id, evm_address)
SELECT 'acct-' || n, 'person' || n || '@mail.example',
       CASE WHEN n <= 50 THEN n END,
       CASE WHEN n % 2 = 0 THEN format('0x%s', lpad(to_hex(n), 40, '0')) END
  FROM generate_series(1, 300) AS n;

INSERT INTO users (telegram_id, username, first_name, last_name, evm_address, created_at, updated_at)
SELECT n, 'user' || n, 'First' || n, CASE WHEN n % 3 = 0 THEN 'Last' || n END,
       CASE WHEN n % 4 <> 1 THEN format('0x%s', lpad(to_hex(n), 40, '0')) END,
       timestamptz '2025-05-01 00:00:00Z' + n * interval '1 hour',
       timestamptz '2025-06-01 00:00:00Z' + n * interval '1 hour'
  FROM generate_series(1, 200) AS n;

-- Amounts of every length that there is, the largest uint256 and zeros in front among them.
INSERT INTO orders (order_id, account_id, broker_id, amount, token_address, status, created_at, updated_at)
SELECT 'order-' || n, 'acct-' || (1 + n % 300), 'broker-' || n % 7,
       CASE n WHEN 1 THEN '115792089237316195423570985008687907853269984665640564039457584007913129639935'
              WHEN 2 THEN '0' WHEN 3 THEN '007'
              ELSE rpad('1', 1 + n % 78, '9') END,
       '0x00000000000000000000000000000000000000d1',
       (ARRAY['pending', 'completed', 'failed', 'cancelled'])[1 + n % 4]::order_status,
       timestamptz '2025-05-01 00:00:00Z' + n * interval '1 minute',
       timestamptz '2025-05-02 00:00:00Z' + n * interval '1 minute'
  FROM generate_series(1, 1000) AS n;

INSERT INTO chain_states (chain_id, contract_address, last_scanned_block)
SELECT n, '0x00000000000000000000000000000000000000c' || n, 1000 * n FROM generate_series(1, 3) AS n;

INSERT INTO deposit_events (chain_id, contract_address, order_id, sender, amount, transaction_hash,
                            block_number, log_index, processed)
SELECT 1 + n % 3, '0x00000000000000000000000000000000000000c' || 1 + n % 3,
       -- the last hundred name orders that nobody opened
       'order-' || CASE WHEN n <= 900 THEN n ELSE 100000 + n END, '0xsender' || n % 40,
       rpad('1', 1 + n % 78, '9'), '0xhash' || n, n, n % 5, n % 10 <> 0
  FROM generate_series(1, 1000) AS n;
