-- bad: one is gone, one moved
CREATE TABLE t (a int, b int);
CREATE VIEW v AS SELECT a, b FROM t;
CREATE VIEW w AS SELECT a, b FROM t;
CREATE OR REPLACE VIEW v AS SELECT a FROM t; --!
CREATE OR REPLACE VIEW w AS SELECT b, a FROM t; --!
-- good: more at the end; cannot be told
CREATE TABLE t (a int, b int);
CREATE VIEW v AS SELECT a FROM t;
CREATE OR REPLACE VIEW v AS SELECT t.a, b AS c FROM t;
CREATE VIEW s AS SELECT * FROM t;
CREATE OR REPLACE VIEW s AS SELECT a FROM t;
