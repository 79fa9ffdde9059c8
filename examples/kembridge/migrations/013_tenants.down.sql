-- Which row was whose is lost.
CREATE OR REPLACE FUNCTION create_audit_log(
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

ALTER TABLE audit_logs DROP COLUMN tenant_id;
ALTER TABLE transactions DROP COLUMN tenant_id;
ALTER TABLE quantum_keys DROP COLUMN tenant_id;
ALTER TABLE user_sessions DROP COLUMN tenant_id;
ALTER TABLE user_auth_methods DROP COLUMN tenant_id;
ALTER TABLE users DROP COLUMN tenant_id;
DROP FUNCTION tenant_of_new_rows();
DROP FUNCTION current_tenant();
DROP TABLE tenants;
