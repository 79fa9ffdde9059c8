-- bad: twice
UPDATE t SET a = 1, b = 2, a = 3 WHERE id = 1; --!
INSERT INTO t (a, b, a) VALUES (1, 2, 3); --!
-- good: once; parts
UPDATE t SET a = 1, b = 2, c[1] = 1, c[2] = 2 WHERE id = 1;
