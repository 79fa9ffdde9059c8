-- bad: readers too
LOCK TABLE users; --!
LOCK users IN ACCESS EXCLUSIVE MODE; --!
-- good: a weaker mode
LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE;
