-- The users come back as they are now: changed names and addresses are carried over, who joined
-- since is added, who left since (no account has the telegram_id any more) is removed. Accounts
-- that were made for users are removed, except those that have got an order or an e-mail: these
-- stay, as accounts of their own.
-- Lost: the id of a user who joined since is a new one, and an address that an account took over
-- from its user stays in the account.
-- godwit: ignore lossy-down what an account took over from its user stays in the account
LOCK TABLE accounts IN SHARE ROW EXCLUSIVE MODE;

DROP VIEW users;
ALTER TABLE users_folded RENAME TO users;

DELETE FROM users AS u
 WHERE NOT EXISTS (SELECT FROM accounts AS a WHERE a.telegram_id = u.telegram_id);

UPDATE users AS u
   SET username    = a.username,
       first_name  = a.first_name,
       last_name   = a.last_name,
       evm_address = a.evm_address
  FROM accounts AS a
 WHERE a.telegram_id = u.telegram_id
   AND (u.username, u.first_name, u.last_name, u.evm_address)
       IS DISTINCT FROM (a.username, a.first_name, a.last_name, a.evm_address);

INSERT INTO users (telegram_id, username, first_name, last_name, evm_address, created_at, updated_at)
SELECT a.telegram_id, a.username, a.first_name, a.last_name, a.evm_address, a.created_at, a.updated_at
  FROM accounts AS a
 WHERE a.telegram_id IS NOT NULL
   AND (a.account_id LIKE 'tg-%' OR coalesce(a.username, a.first_name, a.last_name) IS NOT NULL)
   AND NOT EXISTS (SELECT FROM users AS u WHERE u.telegram_id = a.telegram_id);

DELETE FROM accounts AS a
 WHERE a.account_id LIKE 'tg-%'
   AND a.telegram_id IS NOT NULL
   AND a.email IS NULL
   AND NOT EXISTS (SELECT FROM orders AS o WHERE o.account_id = a.account_id);
