-- What the service asks the database. Every value is a parameter, every list has an end, and an index answers
-- each of them: a test runs them all on 100,000 transactions and reads it in the plan. Each begins with
-- "-- name: NAME (PARAMETERS)" and, for the test, the index that answers it.

-- name: user_by_wallet (wallet_address)
-- index: users_wallet_address_unique
SELECT id, wallet_address, username, created_at
  FROM users
 WHERE wallet_address = $1::text;

-- name: recent_transactions (user_id, limit)
-- index: idx_transactions_user_id_created_at
SELECT id, token_id, tx_hash, tx_type, status, amount, created_at
  FROM transactions
 WHERE user_id = $1::integer
 ORDER BY created_at DESC
 LIMIT least($2::bigint, 100);

-- name: transactions_of_user_count (user_id)
-- index: idx_transactions_user_id
SELECT count(*)
  FROM transactions
 WHERE user_id = $1::integer;

-- name: transactions_of_token (token_id, limit)
-- index: idx_transactions_token_id
SELECT id, user_id, tx_hash, tx_type, status, amount, created_at
  FROM transactions
 WHERE token_id = $1::integer
 ORDER BY created_at DESC
 LIMIT least($2::bigint, 100);

-- name: transaction_by_hash (tx_hash)
-- index: idx_transactions_tx_hash
SELECT id, user_id, token_id, tx_type, status, amount, network_id, metadata, created_at
  FROM transactions
 WHERE tx_hash = $1::text;

-- name: tokens_of_user (user_id, limit)
-- index: idx_tokens_creator_id
SELECT id, name, symbol, supply, status, created_at
  FROM tokens
 WHERE creator_id = $1::integer
 ORDER BY created_at DESC
 LIMIT least($2::bigint, 100);

-- One query with a join, where a query for the tokens and then one for each creator would be 21.
-- name: tokens_with_creators (limit)
-- index: idx_tokens_created_at, users_pkey
SELECT t.id, t.name, t.symbol, t.supply, t.status, t.created_at, u.wallet_address, u.username
  FROM tokens AS t
  JOIN users AS u ON u.id = t.creator_id
 ORDER BY t.created_at DESC
 LIMIT least($1::bigint, 100);

-- name: security_events_since (since, limit)
-- index: idx_security_events_created_at
SELECT id, event_type, description, severity, user_id, created_at
  FROM security_events
 WHERE created_at >= $1::timestamp
 ORDER BY created_at DESC
 LIMIT least($2::bigint, 1000);

-- name: security_events_of_user (user_id, limit)
-- index: idx_security_events_user_id
SELECT id, event_type, description, severity, created_at
  FROM security_events
 WHERE user_id = $1::integer
 ORDER BY created_at DESC
 LIMIT least($2::bigint, 1000);

-- name: setting (key)
-- index: settings_key_unique
SELECT value
  FROM settings
 WHERE key = $1::text;
