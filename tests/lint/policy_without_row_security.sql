-- bad: it does nothing
CREATE TABLE t (id int PRIMARY KEY, tenant int);
CREATE POLICY mine ON t USING (tenant = 1); --!
-- good: switched on, whenever
CREATE TABLE t (id int PRIMARY KEY, tenant int);
CREATE POLICY mine ON t USING (tenant = 1);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
