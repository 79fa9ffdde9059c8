CREATE FUNCTION update_timestamp() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

CREATE FUNCTION update_last_used_timestamp() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.last_used_at := now();
    RETURN NEW;
END
$$;

-- What a service has to say itself; what happens to rows, triggers write down (022).
CREATE FUNCTION create_audit_log(
    p_user_id        uuid,
    p_transaction_id uuid,
    p_event_type     varchar(100),
    p_event_category varchar(50),
    p_event_data     jsonb,
    p_ip_address     inet DEFAULT NULL,
    p_user_agent     text DEFAULT NULL,
    p_severity       varchar(20) DEFAULT 'info'
) RETURNS uuid
LANGUAGE plpgsql
AS $$
DECLARE
    audit_id uuid;
BEGIN
    INSERT INTO audit_logs (user_id, transaction_id, event_type, event_category, event_data,
                            ip_address, user_agent, severity)
    VALUES (p_user_id, p_transaction_id, p_event_type, p_event_category,
            coalesce(p_event_data, '{}'), p_ip_address, p_user_agent, coalesce(p_severity, 'info'))
    RETURNING id INTO audit_id;
    RETURN audit_id;
END
$$;

-- For a scheduled job: sessions whose time is over are no longer active.
CREATE FUNCTION cleanup_expired_sessions() RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE user_sessions
       SET is_active = false
     WHERE expires_at < now() AND is_active = true;
END
$$;
