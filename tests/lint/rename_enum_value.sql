-- bad: programs write the old one
ALTER TYPE state RENAME VALUE 'a' TO 'b'; --!
-- good: a new value
ALTER TYPE state ADD VALUE 'b';
