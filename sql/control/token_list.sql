-- All tokens, the newest first.
-- params: none
-- columns: name text!, role text!, created_at timestamptz!, created_by text!, expires_at timestamptz,
--   revoked_at timestamptz, revoked_by text
SELECT name, role, created_at, created_by, expires_at, revoked_at, revoked_by
FROM godwit.serve_tokens ORDER BY created_at DESC, name;
