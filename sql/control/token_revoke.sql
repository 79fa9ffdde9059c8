-- A token that holds until now.
-- params: text, text
-- columns: name text!
UPDATE godwit.serve_tokens SET revoked_at = pg_catalog.clock_timestamp(), revoked_by = $2
WHERE name = $1 AND revoked_at IS NULL
RETURNING name;
