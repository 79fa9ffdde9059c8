-- bad: the table is written anew
CLUSTER users USING users_pkey; --!
CLUSTER; --!
-- good: a new table; only the setting
CREATE TABLE t (a int PRIMARY KEY);
CLUSTER t USING t_pkey;
ALTER TABLE users CLUSTER ON users_pkey;
