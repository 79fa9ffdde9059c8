-- bad: values for ever
CREATE TYPE state AS ENUM ('a', 'b'); --!
-- good: another type
CREATE TYPE pair AS (a int, b int);
