-- bad: the table is written anew
VACUUM FULL users; --!
VACUUM (FULL, ANALYZE) users; --!
-- good: plain
VACUUM (ANALYZE) users;
