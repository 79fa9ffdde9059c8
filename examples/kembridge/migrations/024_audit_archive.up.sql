-- Months of the audit that nobody asks for any more leave audit_logs and are kept in a schema of their
-- own, as tables: with their rows, their key, their guard against changes. A month is archived whole or not
-- at all, and that it was stands in the audit. To store one elsewhere: pg_dump -t audit_archive.NAME.
CREATE SCHEMA audit_archive;
GRANT USAGE ON SCHEMA audit_archive TO kembridge_auditor;

-- Those that end at p_before or earlier. While one is detached, writers to the audit wait; the rows stay
-- where they are, so that it does not take long however many there are.
CREATE FUNCTION archive_audit_partitions(p_before date) RETURNS SETOF text
LANGUAGE plpgsql
AS $$
DECLARE
    name  text;
    month timestamp;
    kept  bigint;
BEGIN
    PERFORM pg_advisory_xact_lock('audit_logs'::regclass::oid::bigint);
    FOR name IN SELECT c.relname
                  FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
                 WHERE i.inhparent = 'audit_logs'::regclass AND c.relname ~ '^audit_logs_y\d{4}m\d\d$'
                 ORDER BY c.relname LOOP
        month := to_timestamp(substr(name, 13), 'YYYY"m"MM')::timestamp;
        EXIT WHEN month + interval '1 month' > p_before;

        EXECUTE format('SELECT count(*) FROM %I', name) INTO kept;
        EXECUTE format('ALTER TABLE audit_logs DETACH PARTITION %I', name);
        EXECUTE format('ALTER TABLE %I SET SCHEMA audit_archive', name);
        EXECUTE format('GRANT SELECT ON audit_archive.%I TO kembridge_auditor', name);
        INSERT INTO audit_logs (event_type, event_category, event_data)
        VALUES ('audit_logs.archive', 'system',
                jsonb_build_object('month', to_char(month, 'YYYY-MM'), 'rows', kept, 'role', session_user));
        RETURN NEXT name;
    END LOOP;
END
$$;

-- Back into audit_logs, where an investigation needs it there.
CREATE FUNCTION restore_audit_partition(p_name text) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    month timestamp := to_timestamp(substr(p_name, 13), 'YYYY"m"MM')::timestamp;
BEGIN
    PERFORM pg_advisory_xact_lock('audit_logs'::regclass::oid::bigint);
    EXECUTE format('REVOKE SELECT ON audit_archive.%I FROM kembridge_auditor', p_name);
    EXECUTE format('ALTER TABLE audit_archive.%I SET SCHEMA public', p_name);
    EXECUTE format('ALTER TABLE audit_logs ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', p_name,
                   to_char(month, 'YYYY-MM-DD') || ' 00:00+00',
                   to_char(month + interval '1 month', 'YYYY-MM-DD') || ' 00:00+00');
    INSERT INTO audit_logs (event_type, event_category, event_data)
    VALUES ('audit_logs.restore', 'system',
            jsonb_build_object('month', to_char(month, 'YYYY-MM'), 'role', session_user));
END
$$;
REVOKE EXECUTE ON FUNCTION archive_audit_partitions(date), restore_audit_partition(text) FROM PUBLIC;
