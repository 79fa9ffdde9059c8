-- bad: its owner sees all
CREATE TABLE t (id int PRIMARY KEY);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE VIEW v AS SELECT id FROM t; --!
-- good: as the caller; no policies
CREATE TABLE t (id int PRIMARY KEY);
CREATE TABLE u (id int PRIMARY KEY);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE VIEW v WITH (security_invoker = true) AS SELECT id FROM t;
CREATE VIEW w WITH (security_invoker) AS SELECT id FROM t;
CREATE VIEW x AS SELECT id FROM u;
