-- Every change of a transfer, a key or a session writes its audit row, in the same transaction: no
-- change without it. Secrets are named as changed, never copied. An application says where a request
-- came from: SET LOCAL kembridge.ip_address, kembridge.user_agent.
CREATE FUNCTION audit_change() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    secret  CONSTANT text[] := '{public_key,encrypted_private_key,encrypted_data,jwt_token_hash,session_data}';
    old_row jsonb := '{}';
    new_row jsonb := '{}';
    subject jsonb;
    changed text[];
BEGIN
    IF TG_OP <> 'INSERT' THEN
        old_row := to_jsonb(OLD);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        new_row := to_jsonb(NEW);
    END IF;
    subject := CASE TG_OP WHEN 'DELETE' THEN old_row ELSE new_row END;
    SELECT array_agg(key ORDER BY key) INTO changed
      FROM jsonb_object_keys(subject) AS key
     WHERE old_row -> key IS DISTINCT FROM new_row -> key;

    INSERT INTO public.audit_logs (tenant_id, user_id, transaction_id, event_type, event_category,
                                   event_data, ip_address, user_agent, severity)
    VALUES ((subject ->> 'tenant_id')::uuid, (subject ->> 'user_id')::uuid,
            CASE TG_TABLE_NAME WHEN 'transactions' THEN (subject ->> 'id')::uuid END,
            TG_TABLE_NAME || '.' || lower(TG_OP),
            CASE TG_TABLE_NAME WHEN 'transactions' THEN 'finance' WHEN 'user_sessions' THEN 'auth'
                               ELSE 'security' END,
            jsonb_build_object(
                'id', subject -> 'id', 'role', session_user, 'changed', to_jsonb(changed),
                'old', (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(old_row)
                         WHERE key = ANY (changed) AND key <> ALL (secret)),
                'new', (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(new_row)
                         WHERE key = ANY (changed) AND key <> ALL (secret))),
            nullif(current_setting('kembridge.ip_address', true), '')::inet,
            nullif(current_setting('kembridge.user_agent', true), ''),
            CASE WHEN TG_OP = 'DELETE' OR subject ->> 'status' IN ('failed', 'expired') THEN 'warning'
                 ELSE 'info' END);
    RETURN NULL;
END
$$;

CREATE TRIGGER transactions_audit
    AFTER INSERT OR UPDATE OR DELETE ON transactions
    FOR EACH ROW EXECUTE FUNCTION audit_change();
CREATE TRIGGER quantum_keys_audit
    AFTER INSERT OR UPDATE OR DELETE ON quantum_keys
    FOR EACH ROW EXECUTE FUNCTION audit_change();
CREATE TRIGGER sessions_audit
    AFTER INSERT OR UPDATE OR DELETE ON user_sessions
    FOR EACH ROW EXECUTE FUNCTION audit_change();

-- TRUNCATE shows a trigger no rows, so there would be nothing to write down.
CREATE TRIGGER sessions_no_truncate
    BEFORE TRUNCATE ON user_sessions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
