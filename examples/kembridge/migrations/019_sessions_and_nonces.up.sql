-- Tokens are exchanged, not prolonged, and what a wallet signs is good for one login.
CREATE FUNCTION check_session_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    changeable CONSTANT text[] := '{session_data,last_activity_at,is_active}';
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.rotated_from IS NOT NULL AND NOT EXISTS (
               SELECT FROM user_sessions AS s
                WHERE s.id = NEW.rotated_from AND s.user_id = NEW.user_id
                  AND s.auth_method_id = NEW.auth_method_id AND NOT s.is_active) THEN
            RAISE EXCEPTION 'a session follows one of the same user and wallet that has ended'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF to_jsonb(OLD) - changeable <> to_jsonb(NEW) - changeable THEN
        RAISE EXCEPTION 'session %: its token, its owner and its times cannot be changed', OLD.id
            USING ERRCODE = 'restrict_violation', HINT = 'Exchange the token: rotate_session().';
    END IF;
    IF NEW.is_active AND NOT OLD.is_active THEN
        RAISE EXCEPTION 'session % has ended', OLD.id
            USING ERRCODE = 'restrict_violation', HINT = 'Log in again.';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER sessions_check_change
    BEFORE INSERT OR UPDATE ON user_sessions
    FOR EACH ROW EXECUTE FUNCTION check_session_change();

-- A new token for an old one; NULL where the old one is not good, and the user has to log in.
-- A token that was exchanged before and comes again was copied by somebody: all that came of it ends.
CREATE FUNCTION rotate_session(
    p_token_hash     varchar,
    p_new_token_hash varchar,
    p_lifetime       interval DEFAULT '1 hour'
) RETURNS uuid
LANGUAGE plpgsql
AS $$
DECLARE
    old_session user_sessions;
    new_id      uuid;
BEGIN
    SELECT * INTO old_session FROM user_sessions WHERE jwt_token_hash = p_token_hash FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;

    IF EXISTS (SELECT FROM user_sessions WHERE rotated_from = old_session.id) THEN
        WITH RECURSIVE chain AS (
            SELECT old_session.id
            UNION
            SELECT s.id FROM user_sessions AS s JOIN chain AS c ON s.rotated_from = c.id
        )
        UPDATE user_sessions SET is_active = false
         WHERE id IN (SELECT id FROM chain) AND is_active;
        PERFORM create_audit_log(old_session.user_id, NULL, 'session_token_reused', 'security',
                                 jsonb_build_object('session', old_session.id), NULL, NULL, 'critical');
        RETURN NULL;
    END IF;

    IF NOT old_session.is_active OR old_session.expires_at <= now() THEN
        RETURN NULL;
    END IF;
    UPDATE user_sessions SET is_active = false WHERE id = old_session.id;
    INSERT INTO user_sessions (tenant_id, user_id, auth_method_id, jwt_token_hash, session_data,
                               expires_at, rotated_from)
    VALUES (old_session.tenant_id, old_session.user_id, old_session.auth_method_id, p_new_token_hash,
            old_session.session_data, now() + p_lifetime, old_session.id)
    RETURNING id INTO new_id;
    RETURN new_id;
END
$$;

-- What a wallet is asked to sign. A used one stays for ever: its key is what keeps it from coming again.
CREATE TABLE auth_nonces (
    nonce          varchar(64)  PRIMARY KEY DEFAULT encode(gen_random_bytes(32), 'hex'),
    tenant_id      uuid         NOT NULL DEFAULT tenant_of_new_rows()
                                REFERENCES tenants (id) ON DELETE RESTRICT,
    chain_type     varchar(50)  NOT NULL,
    wallet_address varchar(255) NOT NULL,
    created_at     timestamptz  NOT NULL DEFAULT now(),
    expires_at     timestamptz  NOT NULL DEFAULT now() + interval '5 minutes',
    used_at        timestamptz,

    CONSTRAINT nonces_format CHECK (nonce ~ '^[0-9a-f]{64}$'),
    CONSTRAINT nonces_chain_type_valid CHECK (chain_type IN ('ethereum', 'near')),
    CONSTRAINT nonces_expires_after_created CHECK (expires_at > created_at),
    CONSTRAINT nonces_used_in_time CHECK (used_at >= created_at AND used_at < expires_at)
);

CREATE INDEX idx_nonces_tenant ON auth_nonces (tenant_id);
CREATE INDEX idx_nonces_unused ON auth_nonces (expires_at) WHERE used_at IS NULL;

CREATE FUNCTION check_nonce_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.used_at IS NOT NULL OR OLD.expires_at > now() THEN
            RAISE EXCEPTION 'a nonce that was used, or still may be, is kept'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF OLD.used_at IS NOT NULL OR to_jsonb(OLD) - 'used_at' <> to_jsonb(NEW) - 'used_at' THEN
        RAISE EXCEPTION 'a nonce can be used once, and nothing else'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER nonces_check_change
    BEFORE UPDATE OR DELETE ON auth_nonces
    FOR EACH ROW EXECUTE FUNCTION check_nonce_change();
CREATE TRIGGER nonces_no_truncate
    BEFORE TRUNCATE ON auth_nonces
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE auth_nonces ENABLE ALWAYS TRIGGER nonces_check_change;
ALTER TABLE auth_nonces ENABLE ALWAYS TRIGGER nonces_no_truncate;

CREATE FUNCTION issue_nonce(p_chain_type varchar, p_wallet_address varchar) RETURNS varchar
LANGUAGE sql
AS $$
    INSERT INTO auth_nonces (chain_type, wallet_address) VALUES (p_chain_type, p_wallet_address)
    RETURNING nonce
$$;

-- True for exactly one of those who ask.
CREATE FUNCTION use_nonce(p_chain_type varchar, p_wallet_address varchar, p_nonce varchar) RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE auth_nonces
       SET used_at = now()
     WHERE nonce = p_nonce AND chain_type = p_chain_type
       AND CASE chain_type WHEN 'ethereum' THEN lower(wallet_address) = lower(p_wallet_address)
                           ELSE wallet_address = p_wallet_address END
       AND used_at IS NULL AND expires_at > now();
    RETURN FOUND;
END
$$;

CREATE FUNCTION cleanup_expired_nonces() RETURNS void
LANGUAGE sql
AS $$
    DELETE FROM auth_nonces WHERE used_at IS NULL AND expires_at < now()
$$;
