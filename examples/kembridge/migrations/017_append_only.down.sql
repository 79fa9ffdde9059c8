DROP FUNCTION create_audit_partitions(date, date);
DROP FUNCTION guard_audit_table(regclass);

DO $$
DECLARE
    audit regclass;
BEGIN
    FOR audit IN SELECT 'audit_logs'::regclass
                 UNION ALL SELECT inhrelid FROM pg_inherits WHERE inhparent = 'audit_logs'::regclass
    LOOP
        EXECUTE format('DROP TRIGGER audit_logs_no_change ON %s', audit);
        EXECUTE format('GRANT UPDATE, DELETE, TRUNCATE ON %s TO CURRENT_USER', audit);
    END LOOP;
END
$$;

GRANT DELETE, TRUNCATE ON quantum_keys TO CURRENT_USER;
DROP TRIGGER quantum_keys_no_truncate ON quantum_keys;
DROP TRIGGER quantum_keys_no_delete ON quantum_keys;
DROP TRIGGER quantum_keys_check_change ON quantum_keys;
DROP FUNCTION check_key_change();

GRANT UPDATE, DELETE, TRUNCATE ON transaction_rollbacks TO CURRENT_USER;
DROP TRIGGER rollbacks_no_truncate ON transaction_rollbacks;
DROP TRIGGER rollbacks_no_change ON transaction_rollbacks;

GRANT DELETE, TRUNCATE ON transactions TO CURRENT_USER;
DROP TRIGGER transactions_no_truncate ON transactions;
DROP TRIGGER transactions_no_delete ON transactions;

DROP FUNCTION refuse_change();
