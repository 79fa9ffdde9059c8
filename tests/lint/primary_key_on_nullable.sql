-- bad: the column may be NULL
-- file: 1_a.sql
CREATE TABLE t (a bigint, b bigint NOT NULL);
-- file: 2_b.sql
CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a);
-- file: 3_c.sql
ALTER TABLE t ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX t_a; --!
-- good: it may not, or a check says that it is not
-- file: 1_a.sql
CREATE TABLE t (a bigint NOT NULL);
CREATE TABLE u (a bigint, CONSTRAINT a_there CHECK (a IS NOT NULL));
-- file: 2_b.sql
CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a);
CREATE UNIQUE INDEX CONCURRENTLY u_a ON u (a);
-- file: 3_c.sql
ALTER TABLE t ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX t_a;
ALTER TABLE u ADD CONSTRAINT u_pkey PRIMARY KEY USING INDEX u_a;
