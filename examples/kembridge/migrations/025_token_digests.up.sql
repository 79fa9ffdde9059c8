-- godwit: no-transaction
-- Of a token only its SHA-256 is stored: what is no digest does not get in.
ALTER TABLE user_sessions
    ADD CONSTRAINT sessions_token_hash_is_sha256 CHECK (jwt_token_hash ~ '^[0-9a-f]{64}$') NOT VALID;
ALTER TABLE user_sessions VALIDATE CONSTRAINT sessions_token_hash_is_sha256;
