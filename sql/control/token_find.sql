-- The token of this digest, if it holds.
-- params: text
-- columns: name text!, role text!
SELECT name, role FROM godwit.serve_tokens
WHERE hash = $1 AND revoked_at IS NULL
  AND (expires_at IS NULL OR expires_at OPERATOR(pg_catalog.>) pg_catalog.clock_timestamp());
