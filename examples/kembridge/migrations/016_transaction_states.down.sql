-- The record of rollbacks is lost; the reasons stay with the transfers.
DROP FUNCTION expire_stuck_transactions(integer);
DROP FUNCTION rollback_transaction(uuid, text, varchar);
DROP TRIGGER transactions_record_rollback ON transactions;
DROP FUNCTION record_rollback();
DROP TRIGGER transactions_check_change ON transactions;
DROP FUNCTION check_transaction_change();
DROP TABLE transaction_rollbacks;
