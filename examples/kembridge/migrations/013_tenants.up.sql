-- Several operators on one bridge. Each row says whose it is; who may see it is 023's. A session names
-- its tenant: SET LOCAL kembridge.tenant = '…'. What was there before belongs to the first tenant.
CREATE TABLE tenants (
    id         uuid         PRIMARY KEY DEFAULT uuid_generate_v4(),
    name       varchar(255) NOT NULL UNIQUE,
    created_at timestamptz  NOT NULL DEFAULT now(),

    CONSTRAINT tenants_name_is_said CHECK (btrim(name) <> '')
);

INSERT INTO tenants (id, name) VALUES ('00000000-0000-0000-0000-000000000001', 'default');

CREATE FUNCTION current_tenant() RETURNS uuid
LANGUAGE sql STABLE
AS $$
    SELECT nullif(current_setting('kembridge.tenant', true), '')::uuid
$$;

-- The first tenant where none is named: the owner's own work. An application cannot get there,
-- because its policies compare with current_tenant().
CREATE FUNCTION tenant_of_new_rows() RETURNS uuid
LANGUAGE sql STABLE
AS $$
    SELECT coalesce(current_tenant(), '00000000-0000-0000-0000-000000000001')
$$;

-- A constant first, which no row is rewritten for, then the real default.
ALTER TABLE users
    ADD COLUMN tenant_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001';
ALTER TABLE user_auth_methods
    ADD COLUMN tenant_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001';
ALTER TABLE user_sessions
    ADD COLUMN tenant_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001';
ALTER TABLE quantum_keys
    ADD COLUMN tenant_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001';
ALTER TABLE transactions
    ADD COLUMN tenant_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001';
ALTER TABLE audit_logs
    ADD COLUMN tenant_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001';

ALTER TABLE users ALTER COLUMN tenant_id SET DEFAULT tenant_of_new_rows();
ALTER TABLE user_auth_methods ALTER COLUMN tenant_id SET DEFAULT tenant_of_new_rows();
ALTER TABLE user_sessions ALTER COLUMN tenant_id SET DEFAULT tenant_of_new_rows();
ALTER TABLE quantum_keys ALTER COLUMN tenant_id SET DEFAULT tenant_of_new_rows();
ALTER TABLE transactions ALTER COLUMN tenant_id SET DEFAULT tenant_of_new_rows();
ALTER TABLE audit_logs ALTER COLUMN tenant_id SET DEFAULT tenant_of_new_rows();

-- An entry belongs to the tenant of whom it is about.
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
    INSERT INTO audit_logs (tenant_id, user_id, transaction_id, event_type, event_category,
                            event_data, ip_address, user_agent, severity)
    VALUES (coalesce((SELECT tenant_id FROM users WHERE id = p_user_id),
                     (SELECT tenant_id FROM transactions WHERE id = p_transaction_id),
                     tenant_of_new_rows()),
            p_user_id, p_transaction_id, p_event_type, p_event_category,
            coalesce(p_event_data, '{}'), p_ip_address, p_user_agent, coalesce(p_severity, 'info'))
    RETURNING id INTO audit_id;
    RETURN audit_id;
END
$$;
