-- bad: before the commit
ALTER TYPE state ADD VALUE 'gone';
UPDATE orders SET state = 'gone' WHERE id = 1; --!
-- good: in the next file; the type is new; another word
-- file: 1_a.sql
ALTER TYPE state ADD VALUE 'gone';
UPDATE orders SET state = 'open' WHERE id = 1;
-- file: 2_b.sql
UPDATE orders SET state = 'gone' WHERE id = 1;
-- good: the type is new
CREATE TYPE mood AS ENUM ('a');
ALTER TYPE mood ADD VALUE 'b';
SELECT 'b'::mood;
