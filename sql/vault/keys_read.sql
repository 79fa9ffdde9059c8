-- All keys, in the order in which they were made.
-- params: none
-- columns: id text!, type text!, state text!, created_at timestamptz!, expires_at timestamptz,
--   public_key bytea!, encrypted_private_key bytea
SELECT id, type, state, created_at, expires_at, public_key, encrypted_private_key
FROM godwit.keys ORDER BY created_at, id;
