-- What has to be there for ever: the audit, transfers, their rollbacks, keys. Twice over: the owner
-- loses the privilege, which stops a slip before it begins, and a trigger stops who has it all the
-- same (a superuser, an owner who granted it back). ALWAYS: under session_replication_role too.
CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: its rows are kept as they are', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER transactions_no_delete
    BEFORE DELETE ON transactions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER transactions_no_truncate
    BEFORE TRUNCATE ON transactions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE transactions ENABLE ALWAYS TRIGGER transactions_no_delete;
ALTER TABLE transactions ENABLE ALWAYS TRIGGER transactions_no_truncate;
REVOKE DELETE, TRUNCATE ON transactions FROM CURRENT_USER;

CREATE TRIGGER rollbacks_no_change
    BEFORE UPDATE OR DELETE ON transaction_rollbacks
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rollbacks_no_truncate
    BEFORE TRUNCATE ON transaction_rollbacks
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE transaction_rollbacks ENABLE ALWAYS TRIGGER rollbacks_no_change;
ALTER TABLE transaction_rollbacks ENABLE ALWAYS TRIGGER rollbacks_no_truncate;
REVOKE UPDATE, DELETE, TRUNCATE ON transaction_rollbacks FROM CURRENT_USER;

-- A key may be switched off, expire, get metadata, and its private half may be encrypted anew.
CREATE FUNCTION check_key_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    changeable CONSTANT text[] := '{encrypted_private_key,encryption_algorithm,key_metadata,expires_at,is_active}';
BEGIN
    IF to_jsonb(OLD) - changeable <> to_jsonb(NEW) - changeable THEN
        RAISE EXCEPTION 'key %: its public half and its owner cannot be changed', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.is_active AND NOT OLD.is_active THEN
        RAISE EXCEPTION 'key % was switched off: make a new one', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER quantum_keys_check_change
    BEFORE UPDATE ON quantum_keys
    FOR EACH ROW EXECUTE FUNCTION check_key_change();
CREATE TRIGGER quantum_keys_no_delete
    BEFORE DELETE ON quantum_keys
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER quantum_keys_no_truncate
    BEFORE TRUNCATE ON quantum_keys
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE quantum_keys ENABLE ALWAYS TRIGGER quantum_keys_check_change;
ALTER TABLE quantum_keys ENABLE ALWAYS TRIGGER quantum_keys_no_delete;
ALTER TABLE quantum_keys ENABLE ALWAYS TRIGGER quantum_keys_no_truncate;
REVOKE DELETE, TRUNCATE ON quantum_keys FROM CURRENT_USER;

-- A statement on the parent asks the parent's trigger, one on a month that month's: each has its own, and
-- its own privileges. (One for rows would be cloned to the months, and on 12 could not be ALWAYS there.)
CREATE FUNCTION guard_audit_table(p_table regclass) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER audit_logs_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON %s'
                   ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', p_table);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER audit_logs_no_change', p_table);
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM CURRENT_USER', p_table);
END
$$;

SELECT guard_audit_table('audit_logs');
SELECT guard_audit_table(inhrelid) FROM pg_inherits WHERE inhparent = 'audit_logs'::regclass;

-- Months ahead, for a migration once a year or a scheduled job; those that are there are left alone.
-- Made apart and attached, so that nobody waits who writes to another month. Rows that had gone to
-- the default partition move to their month, and are counted on the way.
CREATE FUNCTION create_audit_partitions(p_first date, p_last date) RETURNS integer
LANGUAGE plpgsql
AS $$
DECLARE
    month timestamp;
    name  text;
    low   text;
    high  text;
    stray bigint;
    moved bigint;
    made  integer := 0;
BEGIN
    -- One at a time. (LOCK TABLE asks for a privilege that the owner has just lost.)
    PERFORM pg_advisory_xact_lock('audit_logs'::regclass::oid::bigint);
    FOR month IN SELECT generate_series(date_trunc('month', p_first::timestamp), p_last, '1 month') LOOP
        name := 'audit_logs_y' || to_char(month, 'YYYY"m"MM');
        CONTINUE WHEN EXISTS (SELECT FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
                               WHERE i.inhparent = 'audit_logs'::regclass AND c.relname = name);
        low := to_char(month, 'YYYY-MM-DD') || ' 00:00+00';
        high := to_char(month + interval '1 month', 'YYYY-MM-DD') || ' 00:00+00';

        SELECT count(*) INTO stray
          FROM audit_logs_default
         WHERE created_at >= low::timestamptz AND created_at < high::timestamptz;
        IF stray > 0 THEN
            ALTER TABLE audit_logs DETACH PARTITION audit_logs_default;
            ALTER TABLE audit_logs_default RENAME TO audit_logs_stray;
        END IF;

        EXECUTE format('CREATE TABLE %I (LIKE audit_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
        EXECUTE format('ALTER TABLE audit_logs ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                       name, low, high);
        PERFORM guard_audit_table(name::regclass);
        made := made + 1;

        IF stray > 0 THEN
            CREATE TABLE audit_logs_default PARTITION OF audit_logs DEFAULT;
            PERFORM guard_audit_table('audit_logs_default');
            SELECT count(*) INTO stray FROM audit_logs_stray;
            INSERT INTO audit_logs SELECT * FROM audit_logs_stray;
            GET DIAGNOSTICS moved = ROW_COUNT;
            IF moved <> stray THEN
                RAISE EXCEPTION '% audit rows were to be moved, % were', stray, moved;
            END IF;
            DROP TABLE audit_logs_stray;
        END IF;
    END LOOP;
    RETURN made;
END
$$;
REVOKE EXECUTE ON FUNCTION create_audit_partitions(date, date), guard_audit_table(regclass) FROM PUBLIC;
