-- bad: four
CREATE INDEX ON t (a, b, c, d); --!
-- good: three; unique; not a tree
CREATE INDEX ON t (a, b, c) INCLUDE (d);
CREATE UNIQUE INDEX ON t (a, b, c, d);
CREATE INDEX ON t USING bloom (a, b, c, d);
