-- bad: another type
CREATE TABLE u (id bigint PRIMARY KEY);
CREATE TABLE t (a int REFERENCES u, b text REFERENCES u (id)); --!
-- good: the same
CREATE TABLE u (id bigint PRIMARY KEY, code varchar(10) UNIQUE);
CREATE TABLE t (a bigint REFERENCES u, c text REFERENCES u (code), n bigserial REFERENCES u (id));
