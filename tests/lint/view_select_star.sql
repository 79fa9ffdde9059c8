-- bad: today's columns
CREATE VIEW v AS SELECT * FROM t; --!
CREATE MATERIALIZED VIEW m AS SELECT t.* FROM t; --!
-- good: named; counted
CREATE VIEW v AS SELECT a, b FROM (SELECT * FROM t) AS x;
CREATE VIEW w AS SELECT count(*) FROM t;
CREATE TABLE c AS SELECT * FROM t;
