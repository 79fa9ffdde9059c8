-- bad: nothing to refer to
CREATE TABLE u (id bigint PRIMARY KEY, mail text, code text);
CREATE UNIQUE INDEX ON u (code) WHERE code IS NOT NULL;
CREATE TABLE t (m text REFERENCES u (mail), c text REFERENCES u (code)); --!
-- good: unique, by whatever way
CREATE TABLE u (id bigint PRIMARY KEY, mail text UNIQUE, a int, b int, UNIQUE (a, b));
CREATE UNIQUE INDEX ON u (a);
CREATE TABLE t (i bigint REFERENCES u, m text REFERENCES u (mail), a int REFERENCES u (a), x int, y int,
                FOREIGN KEY (y, x) REFERENCES u (b, a), up int REFERENCES unknown (z));
