-- A person was an account for the balancer and a user for the bot. From here on there are only
-- accounts:
--   a user whose telegram_id an account already has: the account takes over what it lacks;
--   any other user: a new account, account_id 'tg-' and the telegram_id.
-- The table stays as users_folded, for a rollback, until 20251013090000 drops it. A view takes
-- its name, which reads and writes accounts, so that the bot's old release goes on working.

-- Writers of users wait until the end; readers only for the rename.
LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE;

-- Two different addresses for one person is a question about money: no program answers it.
DO $$
DECLARE
    bad_count bigint;
    bad_rows  text;
BEGIN
    SELECT count(*),
           string_agg(format('%s: user %s, account %s', telegram_id, user_address, account_address),
                      '; ' ORDER BY telegram_id)
               FILTER (WHERE n <= 10)
      INTO bad_count, bad_rows
      FROM (SELECT u.telegram_id, u.evm_address AS user_address, a.evm_address AS account_address,
                   row_number() OVER (ORDER BY u.telegram_id) AS n
              FROM users AS u
              JOIN accounts AS a ON a.telegram_id = u.telegram_id
             WHERE lower(u.evm_address) <> lower(a.evm_address)) AS bad;
    IF bad_count > 0 THEN
        RAISE EXCEPTION '% user(s) have another evm_address than their account', bad_count
            USING ERRCODE = 'check_violation',
                  DETAIL = 'The first of them, by telegram_id: ' || bad_rows,
                  HINT = 'Make the two addresses equal, then run the migration again.';
    END IF;

    SELECT count(*), string_agg(a.account_id, ', ' ORDER BY a.account_id)
      INTO bad_count, bad_rows
      FROM users AS u
      JOIN accounts AS a ON a.account_id = 'tg-' || u.telegram_id
     WHERE a.telegram_id IS DISTINCT FROM u.telegram_id;
    IF bad_count > 0 THEN
        RAISE EXCEPTION '% account(s) have the account_id that a user would get', bad_count
            USING ERRCODE = 'unique_violation',
                  DETAIL = 'account_id: ' || left(bad_rows, 500),
                  HINT = 'Give the accounts their telegram_id, or another account_id.';
    END IF;
END
$$;

UPDATE accounts AS a
   SET username    = u.username,
       first_name  = u.first_name,
       last_name   = u.last_name,
       evm_address = coalesce(a.evm_address, u.evm_address)
  FROM users AS u
 WHERE a.telegram_id = u.telegram_id;

INSERT INTO accounts (account_id, telegram_id, evm_address, username, first_name, last_name,
                      created_at, updated_at)
SELECT 'tg-' || u.telegram_id, u.telegram_id, u.evm_address, u.username, u.first_name, u.last_name,
       u.created_at, u.updated_at
  FROM users AS u
 WHERE NOT EXISTS (SELECT FROM accounts AS a WHERE a.telegram_id = u.telegram_id);

ALTER TABLE users RENAME TO users_folded;

CREATE VIEW users AS
SELECT telegram_id, username, first_name, last_name, evm_address, created_at, updated_at,
       account_id
  FROM accounts
 WHERE telegram_id IS NOT NULL
  WITH LOCAL CHECK OPTION;

-- Who joins through the view: accounts need an account_id, which the bot's old release does not know.
ALTER VIEW users ALTER COLUMN account_id SET DEFAULT 'tg-' || gen_random_uuid();
