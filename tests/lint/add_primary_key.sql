-- bad: index and scan under the lock
ALTER TABLE users ADD PRIMARY KEY (id); --!
-- good: with an index that is there; a new table
ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY USING INDEX users_id_idx;
CREATE TABLE t (a int);
ALTER TABLE t ADD PRIMARY KEY (a);
