-- bad: at the end
ALTER TYPE state ADD VALUE 'x'; --!
-- good: placed
ALTER TYPE state ADD VALUE 'x' BEFORE 'y';
ALTER TYPE state RENAME VALUE 'a' TO 'b';
