-- bad: the partition key is missing
CREATE TABLE logs (id bigint PRIMARY KEY, at timestamptz) PARTITION BY RANGE (at); --!
CREATE UNIQUE INDEX ON logs (id); --!
-- good: it is part of the key
CREATE TABLE logs (id bigint, at timestamptz, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE UNIQUE INDEX ON logs (at, id);
CREATE TABLE plain (id bigint PRIMARY KEY);
