-- Functions that keep of a token its SHA-256 alone, and data of a transfer encrypted.
CREATE FUNCTION token_digest(p_token text) RETURNS varchar
LANGUAGE sql IMMUTABLE STRICT
AS $$
    SELECT encode(sha256(convert_to(p_token, 'UTF8')), 'hex')
$$;

-- The token itself is stored nowhere, not even in what a service wants to remember of the session.
CREATE FUNCTION start_session(
    p_user_id        uuid,
    p_auth_method_id uuid,
    p_token          text,
    p_lifetime       interval DEFAULT '1 hour',
    p_session_data   jsonb DEFAULT '{}'
) RETURNS uuid
LANGUAGE plpgsql
AS $$
DECLARE
    new_id uuid;
BEGIN
    IF coalesce(length(p_token), 0) < 16 THEN
        RAISE EXCEPTION 'a token of fewer than 16 characters can be guessed'
            USING ERRCODE = 'check_violation';
    END IF;
    IF strpos(p_session_data::text, p_token) > 0 THEN
        RAISE EXCEPTION 'the data of a session does not hold its token'
            USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO user_sessions (tenant_id, user_id, auth_method_id, jwt_token_hash, session_data, expires_at)
    SELECT u.tenant_id, u.id, p_auth_method_id, token_digest(p_token), p_session_data, now() + p_lifetime
      FROM users AS u
     WHERE u.id = p_user_id
    RETURNING id INTO new_id;
    IF new_id IS NULL THEN
        RAISE EXCEPTION 'there is no user %', p_user_id USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN new_id;
END
$$;

-- The session that a token is good for; NULL where it has ended, or there never was one.
CREATE FUNCTION session_of_token(p_token text) RETURNS uuid
LANGUAGE sql STABLE STRICT
AS $$
    SELECT id FROM user_sessions
     WHERE jwt_token_hash = token_digest(p_token) AND is_active AND expires_at > now()
$$;

CREATE FUNCTION exchange_token(p_token text, p_new_token text, p_lifetime interval DEFAULT '1 hour')
RETURNS uuid
LANGUAGE sql
AS $$
    SELECT rotate_session(token_digest(p_token), token_digest(p_new_token), p_lifetime)
$$;

-- AES-256 with a check of its own (OpenPGP, pgcrypto). The key stays with the service and travels as a
-- parameter. Whose data it is goes in, too, so that it cannot be put under another transfer.
CREATE FUNCTION seal_transfer_data(p_about text, p_data jsonb, p_key bytea) RETURNS bytea
LANGUAGE plpgsql
AS $$
BEGIN
    IF coalesce(octet_length(p_key), 0) < 32 THEN
        RAISE EXCEPTION 'a key has 32 bytes or more' USING ERRCODE = 'check_violation';
    END IF;
    RETURN pgp_sym_encrypt(jsonb_build_object('about', p_about, 'data', p_data)::text, encode(p_key, 'hex'),
                           'cipher-algo=aes256, compress-algo=0, s2k-digest-algo=sha256');
END
$$;

CREATE FUNCTION open_transfer_data(p_about text, p_sealed bytea, p_key bytea) RETURNS jsonb
LANGUAGE plpgsql
AS $$
DECLARE
    opened jsonb := pgp_sym_decrypt(p_sealed, encode(p_key, 'hex'))::jsonb;
BEGIN
    IF opened ->> 'about' IS DISTINCT FROM p_about THEN
        RAISE EXCEPTION 'this was sealed for another transfer' USING ERRCODE = 'check_violation';
    END IF;
    RETURN opened -> 'data';
END
$$;
