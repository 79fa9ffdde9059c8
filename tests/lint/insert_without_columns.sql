-- bad: in which order
INSERT INTO t VALUES (1, 2); --!
-- good: named; defaults
INSERT INTO t (a, b) VALUES (1, 2);
INSERT INTO t DEFAULT VALUES;
