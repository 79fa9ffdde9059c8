-- bad: without keys
CREATE TABLE child (b int) INHERITS (parent); --!
-- good: a partition
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
