-- Is no transaction of a run open? Each has the row FOR KEY SHARE until it ends. No row: one is.
-- params: none
-- columns: idle boolean
SELECT true AS idle FROM godwit.run_lock WHERE name = 'run' FOR UPDATE SKIP LOCKED;
