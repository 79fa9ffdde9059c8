-- bad: still open at the end
-- file: 1_a.sql [no-transaction]
VACUUM a;
BEGIN; --!
UPDATE a SET b = 1 WHERE b IS NULL;
-- good: committed
-- file: 1_a.sql [no-transaction]
BEGIN;
UPDATE a SET b = 1 WHERE b IS NULL;
COMMIT;
