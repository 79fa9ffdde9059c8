-- godwit: no-transaction
-- Why a transfer was undone. Statement by statement: in one transaction the lock of the ALTER TABLE would be kept while
-- rows are filled and read. Before 016: from there on what is over does not change.
ALTER TABLE transactions ADD COLUMN status_reason text;

UPDATE transactions
   SET status_reason = 'not recorded: before reasons were asked for'
 WHERE status IN ('failed', 'cancelled', 'expired') AND status_reason IS NULL;

ALTER TABLE transactions
    ADD CONSTRAINT transactions_rollback_has_reason
    CHECK (status NOT IN ('failed', 'cancelled', 'expired')
           OR (status_reason IS NOT NULL AND btrim(status_reason) <> '')) NOT VALID;
ALTER TABLE transactions VALIDATE CONSTRAINT transactions_rollback_has_reason;
