-- A transfer goes pending → locked → confirmed, or leaves that way from pending or locked as failed,
-- cancelled or expired, with a reason. What it is about never changes, and once it is over nothing does.
CREATE TABLE transaction_rollbacks (
    id             uuid        PRIMARY KEY DEFAULT uuid_generate_v4(),
    tenant_id      uuid        NOT NULL,
    transaction_id uuid        NOT NULL UNIQUE,
    from_status    varchar(50) NOT NULL,
    to_status      varchar(50) NOT NULL,
    reason         text        NOT NULL,
    recorded_by    text        NOT NULL DEFAULT session_user,
    created_at     timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT rollbacks_transaction_fkey
        FOREIGN KEY (tenant_id, transaction_id) REFERENCES transactions (tenant_id, id)
        ON DELETE RESTRICT,
    CONSTRAINT rollbacks_from_open CHECK (from_status IN ('pending', 'locked')),
    CONSTRAINT rollbacks_to_undone CHECK (to_status IN ('failed', 'cancelled', 'expired')),
    CONSTRAINT rollbacks_reason_is_said CHECK (btrim(reason) <> '')
);

CREATE INDEX idx_rollbacks_tenant ON transaction_rollbacks (tenant_id, transaction_id);
CREATE INDEX idx_rollbacks_created_at ON transaction_rollbacks (created_at);

CREATE FUNCTION check_transaction_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    -- Whatever is not named here is what the transfer is about, columns of later migrations too.
    progress  CONSTANT text[] := '{status,status_reason,completed_at,updated_at,risk_score,risk_factors}';
    once      CONSTANT text[] := '{amount_out,source_tx_hash,destination_tx_hash,quantum_key_id,encrypted_data}';
    old_row   jsonb;
    new_row   jsonb;
    offending text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'pending' THEN
            RAISE EXCEPTION 'a transaction begins as pending, not as %', NEW.status
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;

    IF OLD.status NOT IN ('pending', 'locked') THEN
        RAISE EXCEPTION 'transaction % is %: nothing of it changes any more', OLD.id, OLD.status
            USING ERRCODE = 'restrict_violation';
    END IF;

    old_row := to_jsonb(OLD) - progress;
    new_row := to_jsonb(NEW) - progress;
    SELECT string_agg(was.key, ', ' ORDER BY was.key)
      INTO offending
      FROM jsonb_each(old_row) AS was
     WHERE new_row -> was.key IS DISTINCT FROM was.value
       AND NOT (was.key = ANY (once) AND was.value = 'null');
    IF offending IS NOT NULL THEN
        RAISE EXCEPTION 'transaction %: % cannot be changed', OLD.id, offending
            USING ERRCODE = 'restrict_violation';
    END IF;

    IF NEW.status IS NOT DISTINCT FROM OLD.status THEN
        RETURN NEW;
    END IF;
    IF NEW.status NOT IN ('failed', 'cancelled', 'expired')
       AND (OLD.status, NEW.status) NOT IN (('pending', 'locked'), ('locked', 'confirmed')) THEN
        RAISE EXCEPTION 'transaction %: there is no way from % to %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation',
                  HINT = 'pending goes to locked, locked to confirmed, both to failed, cancelled or expired.';
    END IF;
    IF NEW.status = 'locked' AND OLD.expires_at <= now() THEN
        RAISE EXCEPTION 'transaction % has timed out at %', OLD.id, OLD.expires_at
            USING ERRCODE = 'check_violation';
    END IF;
    NEW.completed_at := CASE WHEN NEW.status IN ('confirmed', 'failed', 'cancelled') THEN now() END;
    RETURN NEW;
END
$$;

CREATE TRIGGER transactions_check_change
    BEFORE INSERT OR UPDATE ON transactions
    FOR EACH ROW EXECUTE FUNCTION check_transaction_change();
ALTER TABLE transactions ENABLE ALWAYS TRIGGER transactions_check_change;

-- As the owner: nobody else may write here.
CREATE FUNCTION record_rollback() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    INSERT INTO public.transaction_rollbacks (tenant_id, transaction_id, from_status, to_status, reason)
    VALUES (NEW.tenant_id, NEW.id, OLD.status, NEW.status, NEW.status_reason);
    RETURN NULL;
END
$$;

CREATE TRIGGER transactions_record_rollback
    AFTER UPDATE ON transactions
    FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status AND NEW.status IN ('failed', 'cancelled', 'expired'))
    EXECUTE FUNCTION record_rollback();

CREATE FUNCTION rollback_transaction(p_transaction_id uuid, p_reason text, p_status varchar DEFAULT 'failed')
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF p_status IS NULL OR p_status NOT IN ('failed', 'cancelled') THEN
        RAISE EXCEPTION 'a transaction is rolled back as failed or cancelled, not as %', p_status
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    UPDATE transactions SET status = p_status, status_reason = p_reason WHERE id = p_transaction_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no transaction %', p_transaction_id USING ERRCODE = 'no_data_found';
    END IF;
END
$$;

-- For a scheduled job. Those that somebody is at just now are left for the next time.
CREATE FUNCTION expire_stuck_transactions(p_limit integer DEFAULT 1000) RETURNS integer
LANGUAGE plpgsql
AS $$
DECLARE
    expired integer;
BEGIN
    WITH stuck AS (
        SELECT id
          FROM transactions
         WHERE status IN ('pending', 'locked') AND expires_at <= now()
         ORDER BY expires_at
         LIMIT p_limit
           FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE transactions AS t
       SET status = 'expired', status_reason = 'timed out while ' || t.status
      FROM stuck
     WHERE t.id = stuck.id;
    GET DIAGNOSTICS expired = ROW_COUNT;
    RETURN expired;
END
$$;
