-- Risk out of behaviour: how often, how much and at which hours a user transfers, against what the same
-- user did in the last 90 days; and a list of addresses that each new transfer is checked against.
CREATE FUNCTION normal_address(p_chain_type text, p_address text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
    SELECT CASE p_chain_type WHEN 'ethereum' THEN lower(p_address) ELSE p_address END
$$;

CREATE TABLE suspicious_addresses (
    id         uuid         PRIMARY KEY DEFAULT uuid_generate_v4(),
    chain_type varchar(50)  NOT NULL,
    address    varchar(255) NOT NULL,
    reason     text         NOT NULL,
    risk       numeric(5,4) NOT NULL DEFAULT 1.0000,
    blocks     boolean      NOT NULL DEFAULT true,
    listed_by  text         NOT NULL DEFAULT session_user,
    created_at timestamptz  NOT NULL DEFAULT now(),
    expires_at timestamptz,

    CONSTRAINT suspicious_chain_type_valid CHECK (chain_type IN ('ethereum', 'near')),
    CONSTRAINT suspicious_reason_is_said CHECK (btrim(reason) <> ''),
    CONSTRAINT suspicious_risk_range CHECK (risk >= 0.0000 AND risk <= 1.0000),
    CONSTRAINT suspicious_expires_after_created CHECK (expires_at IS NULL OR expires_at > created_at)
);

CREATE UNIQUE INDEX idx_suspicious_addresses_address
    ON suspicious_addresses (chain_type, normal_address(chain_type, address));

-- What of the list concerns a transfer: its two addresses, its two tokens (contracts have addresses
-- as well), and every wallet of the user.
CREATE FUNCTION suspicious_matches(p_transaction transactions) RETURNS SETOF suspicious_addresses
LANGUAGE sql STABLE
AS $$
    SELECT s.*
      FROM suspicious_addresses AS s
      JOIN (SELECT p_transaction.source_chain::text AS chain_type, p_transaction.source_address::text AS address
            UNION SELECT p_transaction.source_chain, p_transaction.source_token
            UNION SELECT p_transaction.destination_chain, p_transaction.destination_address
            UNION SELECT p_transaction.destination_chain, p_transaction.destination_token
            UNION SELECT chain_type, wallet_address
                    FROM user_auth_methods WHERE user_id = p_transaction.user_id) AS used
        ON s.chain_type = used.chain_type
       AND normal_address(s.chain_type, s.address) = normal_address(used.chain_type, used.address)
     WHERE s.expires_at IS NULL OR s.expires_at > now()
$$;

CREATE FUNCTION behaviour_of(p_user_id uuid, p_at timestamptz) RETURNS jsonb
LANGUAGE sql STABLE
AS $$
    WITH past AS (
        SELECT created_at, source_token, amount_in, risk_score,
               extract(hour FROM created_at AT TIME ZONE 'UTC')::integer AS hour
          FROM transactions
         WHERE user_id = p_user_id AND created_at > p_at - interval '90 days'
    )
    SELECT jsonb_build_object(
        'transactions', (SELECT count(*) FROM past),
        'last_hour', (SELECT count(*) FROM past WHERE created_at > p_at - interval '1 hour'),
        'hours', (SELECT coalesce(jsonb_object_agg(hour, n), '{}')
                    FROM (SELECT hour, count(*) AS n FROM past GROUP BY hour) AS by_hour),
        'amounts', (SELECT coalesce(jsonb_object_agg(source_token, of_token), '{}')
                      FROM (SELECT source_token,
                                   jsonb_build_object('count', count(*), 'mean', avg(amount_in)) AS of_token
                              FROM past GROUP BY source_token) AS by_token),
        'highest_score', (SELECT max(risk_score) FROM past),
        'at', p_at AT TIME ZONE 'UTC')
$$;

-- 0.4 for frequency (from the 4th in an hour on, full at the 13th), 0.4 for size (from twice the mean
-- of at least 5 of the same token, full at ten times), 0.2 for the hour (of at least 20, fewer than one
-- in twenty within an hour of it). An address on the list counts for what its entry says.
CREATE FUNCTION score_of(p_behaviour jsonb, p_token text, p_amount numeric, p_at timestamptz) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
    total     numeric := p_behaviour ->> 'transactions';
    known     numeric := coalesce(p_behaviour #>> ARRAY['amounts', p_token, 'count'], '0');
    mean      numeric := p_behaviour #>> ARRAY['amounts', p_token, 'mean'];
    here      integer := extract(hour FROM p_at AT TIME ZONE 'UTC');
    near_here numeric;
    frequency numeric := least(1, greatest(0, (p_behaviour ->> 'last_hour')::numeric - 2) / 10);
    size      numeric := 0;
    hour      numeric := 0;
BEGIN
    IF known >= 5 THEN
        size := least(1, greatest(0, p_amount / mean - 2) / 8);
    END IF;
    IF total >= 20 THEN
        SELECT coalesce(sum(n.value::numeric), 0) INTO near_here
          FROM jsonb_each_text(p_behaviour -> 'hours') AS n
         WHERE (n.key::integer - here + 25) % 24 <= 2;
        hour := greatest(0, 1 - 20 * near_here / total);
    END IF;
    RETURN jsonb_build_object('frequency', round(frequency, 4), 'size', round(size, 4),
                              'hour', round(hour, 4),
                              'score', round(0.4 * frequency + 0.4 * size + 0.2 * hour, 4));
END
$$;

-- As the owner: the profile and the list are not the application's to write.
CREATE FUNCTION score_transaction() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    matches jsonb;
    worst   numeric;
    blocked boolean;
    factors jsonb;
BEGIN
    SELECT jsonb_agg(jsonb_build_object('chain', m.chain_type, 'address', m.address, 'reason', m.reason)
                     ORDER BY m.address), max(m.risk), bool_or(m.blocks)
      INTO matches, worst, blocked
      FROM public.suspicious_matches(NEW) AS m;

    -- Asked again when funds are about to be locked: the list may have grown since.
    IF TG_OP = 'UPDATE' THEN
        IF blocked THEN
            RAISE EXCEPTION 'transaction % cannot be locked: an address is listed as suspicious', NEW.id
                USING ERRCODE = 'check_violation', DETAIL = matches::text;
        END IF;
        RETURN NEW;
    END IF;

    -- A user's transfers are scored one after another, or ten at once would each look like the first.
    PERFORM FROM public.users WHERE id = NEW.user_id FOR NO KEY UPDATE;
    factors := public.score_of(public.behaviour_of(NEW.user_id, NEW.created_at), NEW.source_token,
                               NEW.amount_in, NEW.created_at);
    NEW.risk_score := greatest(NEW.risk_score, (factors ->> 'score')::numeric, worst);
    NEW.risk_factors := NEW.risk_factors || (factors - 'score');
    IF matches IS NOT NULL THEN
        NEW.risk_factors := NEW.risk_factors || jsonb_build_object('suspicious_addresses', matches);
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER transactions_score
    BEFORE INSERT ON transactions
    FOR EACH ROW EXECUTE FUNCTION score_transaction();
CREATE TRIGGER transactions_score_lock
    BEFORE UPDATE ON transactions
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status AND NEW.status = 'locked')
    EXECUTE FUNCTION score_transaction();

CREATE FUNCTION feed_risk_profile() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    UPDATE public.users
       SET risk_profile = risk_profile
           || jsonb_build_object('behaviour', public.behaviour_of(NEW.user_id, NEW.created_at))
     WHERE id = NEW.user_id;
    RETURN NULL;
END
$$;

CREATE TRIGGER transactions_feed_profile
    AFTER INSERT ON transactions
    FOR EACH ROW EXECUTE FUNCTION feed_risk_profile();
