-- The token of this digest, if it holds.
-- params: text
-- columns: name text!, role text!, created_at timestamptz!, created_by text!, expires_at timestamptz
SELECT name, role, created_at, created_by, expires_at FROM godwit.serve_tokens
WHERE hash = $1 AND revoked_at IS NULL
  AND (expires_at IS NULL OR expires_at OPERATOR(pg_catalog.>) pg_catalog.clock_timestamp());
