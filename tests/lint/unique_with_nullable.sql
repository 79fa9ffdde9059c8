-- bad: NULLs are never equal
CREATE TABLE t (a int NOT NULL, b int, UNIQUE (a, b)); --!
-- good: none, or said; a single column
CREATE TABLE t (a int NOT NULL, b int NOT NULL, c int UNIQUE, UNIQUE (a, b));
CREATE TABLE u (a int PRIMARY KEY, b int, UNIQUE NULLS NOT DISTINCT (a, b));
