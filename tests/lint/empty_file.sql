-- bad: comments alone
-- nothing here
/* nor here */
-- good: something
SELECT 1;
