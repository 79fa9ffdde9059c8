-- The audit, a partition a month. The month is part of the key, because a partitioned table's key
-- has to hold what it is partitioned by; it is never NULL for the same reason. Months are UTC's,
-- whatever the session that runs this believes. What falls outside of them goes to the default
-- partition: no change may fail for want of a place for its audit row.
CREATE TABLE audit_logs (
    id             uuid         NOT NULL DEFAULT uuid_generate_v4(),
    user_id        uuid         REFERENCES users (id) ON DELETE RESTRICT,
    transaction_id uuid         REFERENCES transactions (id) ON DELETE RESTRICT,
    event_type     varchar(100) NOT NULL,
    event_category varchar(50)  NOT NULL,
    event_data     jsonb        NOT NULL DEFAULT '{}',
    ip_address     inet,
    user_agent     text,
    created_at     timestamptz  NOT NULL DEFAULT now(),
    severity       varchar(20)  NOT NULL DEFAULT 'info',

    PRIMARY KEY (id, created_at),
    CONSTRAINT audit_logs_valid_category
        CHECK (event_category IN ('auth', 'finance', 'security', 'system', 'admin')),
    CONSTRAINT audit_logs_valid_severity
        CHECK (severity IN ('debug', 'info', 'warning', 'error', 'critical')),
    CONSTRAINT audit_logs_event_data_is_object CHECK (jsonb_typeof(event_data) = 'object')
) PARTITION BY RANGE (created_at);

CREATE INDEX idx_audit_logs_user_id ON audit_logs (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX idx_audit_logs_transaction_id
    ON audit_logs (transaction_id) WHERE transaction_id IS NOT NULL;
CREATE INDEX idx_audit_logs_created_at ON audit_logs (created_at);
CREATE INDEX idx_audit_logs_event_type ON audit_logs (event_type);
CREATE INDEX idx_audit_logs_category_severity ON audit_logs (event_category, severity);
CREATE INDEX idx_audit_logs_ip_address ON audit_logs (ip_address) WHERE ip_address IS NOT NULL;
CREATE INDEX idx_audit_logs_event_data_gin ON audit_logs USING gin (event_data);

CREATE TABLE audit_logs_default PARTITION OF audit_logs DEFAULT;
CREATE TABLE audit_logs_y2024m01 PARTITION OF audit_logs
    FOR VALUES FROM ('2024-01-01 00:00+00') TO ('2024-02-01 00:00+00');
CREATE TABLE audit_logs_y2024m02 PARTITION OF audit_logs
    FOR VALUES FROM ('2024-02-01 00:00+00') TO ('2024-03-01 00:00+00');
CREATE TABLE audit_logs_y2024m03 PARTITION OF audit_logs
    FOR VALUES FROM ('2024-03-01 00:00+00') TO ('2024-04-01 00:00+00');
CREATE TABLE audit_logs_y2024m04 PARTITION OF audit_logs
    FOR VALUES FROM ('2024-04-01 00:00+00') TO ('2024-05-01 00:00+00');
CREATE TABLE audit_logs_y2024m05 PARTITION OF audit_logs
    FOR VALUES FROM ('2024-05-01 00:00+00') TO ('2024-06-01 00:00+00');
CREATE TABLE audit_logs_y2024m06 PARTITION OF audit_logs
    FOR VALUES FROM ('2024-06-01 00:00+00') TO ('2024-07-01 00:00+00');
CREATE TABLE audit_logs_y2024m07 PARTITION OF audit_logs
    FOR VALUES FROM ('2024-07-01 00:00+00') TO ('2024-08-01 00:00+00');
CREATE TABLE audit_logs_y2024m08 PARTITION OF audit_logs
    FOR VALUES FROM ('2024-08-01 00:00+00') TO ('2024-09-01 00:00+00');
CREATE TABLE audit_logs_y2024m09 PARTITION OF audit_logs
    FOR VALUES FROM ('2024-09-01 00:00+00') TO ('2024-10-01 00:00+00');
CREATE TABLE audit_logs_y2024m10 PARTITION OF audit_logs
    FOR VALUES FROM ('2024-10-01 00:00+00') TO ('2024-11-01 00:00+00');
CREATE TABLE audit_logs_y2024m11 PARTITION OF audit_logs
    FOR VALUES FROM ('2024-11-01 00:00+00') TO ('2024-12-01 00:00+00');
CREATE TABLE audit_logs_y2024m12 PARTITION OF audit_logs
    FOR VALUES FROM ('2024-12-01 00:00+00') TO ('2025-01-01 00:00+00');
CREATE TABLE audit_logs_y2025m01 PARTITION OF audit_logs
    FOR VALUES FROM ('2025-01-01 00:00+00') TO ('2025-02-01 00:00+00');
CREATE TABLE audit_logs_y2025m02 PARTITION OF audit_logs
    FOR VALUES FROM ('2025-02-01 00:00+00') TO ('2025-03-01 00:00+00');
CREATE TABLE audit_logs_y2025m03 PARTITION OF audit_logs
    FOR VALUES FROM ('2025-03-01 00:00+00') TO ('2025-04-01 00:00+00');
CREATE TABLE audit_logs_y2025m04 PARTITION OF audit_logs
    FOR VALUES FROM ('2025-04-01 00:00+00') TO ('2025-05-01 00:00+00');
CREATE TABLE audit_logs_y2025m05 PARTITION OF audit_logs
    FOR VALUES FROM ('2025-05-01 00:00+00') TO ('2025-06-01 00:00+00');
CREATE TABLE audit_logs_y2025m06 PARTITION OF audit_logs
    FOR VALUES FROM ('2025-06-01 00:00+00') TO ('2025-07-01 00:00+00');
CREATE TABLE audit_logs_y2025m07 PARTITION OF audit_logs
    FOR VALUES FROM ('2025-07-01 00:00+00') TO ('2025-08-01 00:00+00');
CREATE TABLE audit_logs_y2025m08 PARTITION OF audit_logs
    FOR VALUES FROM ('2025-08-01 00:00+00') TO ('2025-09-01 00:00+00');
CREATE TABLE audit_logs_y2025m09 PARTITION OF audit_logs
    FOR VALUES FROM ('2025-09-01 00:00+00') TO ('2025-10-01 00:00+00');
CREATE TABLE audit_logs_y2025m10 PARTITION OF audit_logs
    FOR VALUES FROM ('2025-10-01 00:00+00') TO ('2025-11-01 00:00+00');
CREATE TABLE audit_logs_y2025m11 PARTITION OF audit_logs
    FOR VALUES FROM ('2025-11-01 00:00+00') TO ('2025-12-01 00:00+00');
CREATE TABLE audit_logs_y2025m12 PARTITION OF audit_logs
    FOR VALUES FROM ('2025-12-01 00:00+00') TO ('2026-01-01 00:00+00');
CREATE TABLE audit_logs_y2026m01 PARTITION OF audit_logs
    FOR VALUES FROM ('2026-01-01 00:00+00') TO ('2026-02-01 00:00+00');
CREATE TABLE audit_logs_y2026m02 PARTITION OF audit_logs
    FOR VALUES FROM ('2026-02-01 00:00+00') TO ('2026-03-01 00:00+00');
CREATE TABLE audit_logs_y2026m03 PARTITION OF audit_logs
    FOR VALUES FROM ('2026-03-01 00:00+00') TO ('2026-04-01 00:00+00');
CREATE TABLE audit_logs_y2026m04 PARTITION OF audit_logs
    FOR VALUES FROM ('2026-04-01 00:00+00') TO ('2026-05-01 00:00+00');
CREATE TABLE audit_logs_y2026m05 PARTITION OF audit_logs
    FOR VALUES FROM ('2026-05-01 00:00+00') TO ('2026-06-01 00:00+00');
CREATE TABLE audit_logs_y2026m06 PARTITION OF audit_logs
    FOR VALUES FROM ('2026-06-01 00:00+00') TO ('2026-07-01 00:00+00');
CREATE TABLE audit_logs_y2026m07 PARTITION OF audit_logs
    FOR VALUES FROM ('2026-07-01 00:00+00') TO ('2026-08-01 00:00+00');
CREATE TABLE audit_logs_y2026m08 PARTITION OF audit_logs
    FOR VALUES FROM ('2026-08-01 00:00+00') TO ('2026-09-01 00:00+00');
CREATE TABLE audit_logs_y2026m09 PARTITION OF audit_logs
    FOR VALUES FROM ('2026-09-01 00:00+00') TO ('2026-10-01 00:00+00');
CREATE TABLE audit_logs_y2026m10 PARTITION OF audit_logs
    FOR VALUES FROM ('2026-10-01 00:00+00') TO ('2026-11-01 00:00+00');
CREATE TABLE audit_logs_y2026m11 PARTITION OF audit_logs
    FOR VALUES FROM ('2026-11-01 00:00+00') TO ('2026-12-01 00:00+00');
CREATE TABLE audit_logs_y2026m12 PARTITION OF audit_logs
    FOR VALUES FROM ('2026-12-01 00:00+00') TO ('2027-01-01 00:00+00');
CREATE TABLE audit_logs_y2027m01 PARTITION OF audit_logs
    FOR VALUES FROM ('2027-01-01 00:00+00') TO ('2027-02-01 00:00+00');
CREATE TABLE audit_logs_y2027m02 PARTITION OF audit_logs
    FOR VALUES FROM ('2027-02-01 00:00+00') TO ('2027-03-01 00:00+00');
CREATE TABLE audit_logs_y2027m03 PARTITION OF audit_logs
    FOR VALUES FROM ('2027-03-01 00:00+00') TO ('2027-04-01 00:00+00');
CREATE TABLE audit_logs_y2027m04 PARTITION OF audit_logs
    FOR VALUES FROM ('2027-04-01 00:00+00') TO ('2027-05-01 00:00+00');
CREATE TABLE audit_logs_y2027m05 PARTITION OF audit_logs
    FOR VALUES FROM ('2027-05-01 00:00+00') TO ('2027-06-01 00:00+00');
CREATE TABLE audit_logs_y2027m06 PARTITION OF audit_logs
    FOR VALUES FROM ('2027-06-01 00:00+00') TO ('2027-07-01 00:00+00');
CREATE TABLE audit_logs_y2027m07 PARTITION OF audit_logs
    FOR VALUES FROM ('2027-07-01 00:00+00') TO ('2027-08-01 00:00+00');
CREATE TABLE audit_logs_y2027m08 PARTITION OF audit_logs
    FOR VALUES FROM ('2027-08-01 00:00+00') TO ('2027-09-01 00:00+00');
CREATE TABLE audit_logs_y2027m09 PARTITION OF audit_logs
    FOR VALUES FROM ('2027-09-01 00:00+00') TO ('2027-10-01 00:00+00');
CREATE TABLE audit_logs_y2027m10 PARTITION OF audit_logs
    FOR VALUES FROM ('2027-10-01 00:00+00') TO ('2027-11-01 00:00+00');
CREATE TABLE audit_logs_y2027m11 PARTITION OF audit_logs
    FOR VALUES FROM ('2027-11-01 00:00+00') TO ('2027-12-01 00:00+00');
CREATE TABLE audit_logs_y2027m12 PARTITION OF audit_logs
    FOR VALUES FROM ('2027-12-01 00:00+00') TO ('2028-01-01 00:00+00');
