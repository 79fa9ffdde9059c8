"""What cannot be altered is made anew, and its rows are there afterwards."""
import pytest

from harness.schemas import load, text, turn

TYPE = """CREATE TYPE n1; CREATE FUNCTION n1_in(cstring) RETURNS n1 LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION n1_out(n1) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE n1 (INPUT = n1_in, OUTPUT = n1_out, LIKE = text{});"""
KEY = """CREATE FUNCTION f(int) RETURNS {0} LANGUAGE sql IMMUTABLE AS 'SELECT ($1 % 3)::{0}';
CREATE TABLE t (a int, b text) PARTITION BY LIST (f(a));
CREATE TABLE t0 PARTITION OF t FOR VALUES IN (0);
CREATE TABLE t1 PARTITION OF t DEFAULT;
CREATE INDEX ON t (b);"""

# name: before, rows, after, a query, what it gives, the least version
CASES = {
    "label of an enum in a partition key": (
        """CREATE TYPE mood AS ENUM ('a', 'b', 'c'); CREATE TABLE t (m mood, i int, PRIMARY KEY (m, i)) PARTITION BY LIST (m);
           CREATE TABLE t_a PARTITION OF t FOR VALUES IN ('a'); CREATE TABLE t_b PARTITION OF t FOR VALUES IN ('b');
           CREATE VIEW v AS SELECT * FROM t; CREATE INDEX ON t (i);""",
        "INSERT INTO t VALUES ('a', 1), ('b', 2);",
        """CREATE TYPE mood AS ENUM ('b', 'a'); CREATE TABLE t (m mood, i int, PRIMARY KEY (m, i)) PARTITION BY LIST (m);
           CREATE TABLE t_a PARTITION OF t FOR VALUES IN ('a'); CREATE TABLE t_b PARTITION OF t FOR VALUES IN ('b');
           CREATE VIEW v AS SELECT * FROM t; CREATE INDEX ON t (i);""",
        "SELECT m::text, i FROM t ORDER BY t.m", [("b", 2), ("a", 1)], 12),
    "label of an enum in a key below": (
        """CREATE TYPE mood AS ENUM ('a', 'b', 'c'); CREATE TABLE t (i int, m mood) PARTITION BY LIST (i);
           CREATE TABLE u PARTITION OF t FOR VALUES IN (1) PARTITION BY LIST (m);
           CREATE TABLE u_a PARTITION OF u FOR VALUES IN ('a'); CREATE TABLE w PARTITION OF t DEFAULT;""",
        "INSERT INTO t VALUES (1, 'a'), (2, 'b');",
        """CREATE TYPE mood AS ENUM ('b', 'a'); CREATE TABLE t (i int, m mood) PARTITION BY LIST (i);
           CREATE TABLE u PARTITION OF t FOR VALUES IN (1) PARTITION BY LIST (m);
           CREATE TABLE u_a PARTITION OF u FOR VALUES IN ('a'); CREATE TABLE w PARTITION OF t DEFAULT;""",
        "SELECT i, m::text FROM t ORDER BY i", [(1, "a"), (2, "b")], 12),
    "type of a column in a partition key": (
        """CREATE TABLE t (a int, b text) PARTITION BY RANGE (a); CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (9);
           CREATE INDEX ON t (b);""",
        "INSERT INTO t VALUES (1, 'x');",
        """CREATE TABLE t (a bigint, b text) PARTITION BY RANGE (a); CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (9);
           CREATE INDEX ON t (b);""",
        "SELECT a, b, pg_typeof(a)::text FROM t", [(1, "x", "bigint")], 12),
    "function in a partition key": (
        KEY.format("int"), "INSERT INTO t VALUES (3, 'x'), (4, 'y');", KEY.format("bigint"), "SELECT a, b FROM t ORDER BY a",
        [(3, "x"), (4, "y")], 12),
    "base type": (
        TYPE.format("") + "CREATE TABLE t (i int PRIMARY KEY, v n1, w n1[]); CREATE VIEW q AS SELECT v FROM t;",
        "INSERT INTO t VALUES (1, 'x', '{a,NULL}'), (2, NULL, NULL);",
        TYPE.format(", ALIGNMENT = double, CATEGORY = 'S'")
        + "CREATE TABLE t (i int PRIMARY KEY, v n1, w n1[]); CREATE VIEW q AS SELECT v FROM t;",
        "SELECT v::text, w::text FROM t ORDER BY i", [("x", "{a,NULL}"), (None, None)], 12),
    "typed table whose type is another": (
        "CREATE TYPE n1 AS (a int, b text); CREATE TABLE t OF n1 (PRIMARY KEY (a)); CREATE INDEX ON t (b);",
        "INSERT INTO t VALUES (1, 'x'), (2, NULL);",
        "CREATE TYPE n1 AS (b text, a bigint); CREATE TABLE t OF n1 (PRIMARY KEY (a)); CREATE INDEX ON t (b);",
        "SELECT * FROM t ORDER BY a", [("x", 1), (None, 2)], 12),
    "typed table whose type is retyped": (
        "CREATE TYPE n1 AS (a int, b text); CREATE TABLE t OF n1; CREATE TABLE u (x n1);",
        "INSERT INTO t VALUES (1, 'x'); INSERT INTO u VALUES ('(2,y)');",
        "CREATE TYPE n1 AS (a bigint, b text); CREATE TABLE t OF n1; CREATE TABLE u (x n1);",
        "SELECT a, b FROM t UNION ALL SELECT (x).a, (x).b FROM u", [(1, "x"), (2, "y")], 12),
    "typed table of another type": (
        "CREATE TYPE n1 AS (a int, b text); CREATE TYPE n2 AS (a int, b text); CREATE TABLE t OF n1;",
        "INSERT INTO t VALUES (1, 'x');",
        "CREATE TYPE n1 AS (a int, b text); CREATE TYPE n2 AS (a int, b text); CREATE TABLE t OF n2;",
        "SELECT a, b FROM t", [(1, "x")], 12),
    "typed table with computed and counted columns": (
        """CREATE TYPE n1 AS (a int, b text, c text); CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY, b text,
           c text GENERATED ALWAYS AS (upper(b)) STORED); ALTER TABLE t OF n1;""",
        "INSERT INTO t (b) VALUES ('x'), ('y');",
        """CREATE TYPE n1 AS (a int, b text, c text); CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY, b text,
           c text GENERATED ALWAYS AS (lower(b)) STORED); ALTER TABLE t OF n1;""",
        "INSERT INTO t (b) VALUES ('Z') RETURNING a, c", [(3, "z")], 12),
    "table that becomes partitioned": (
        """CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY, "B ""b" text);""",
        "INSERT INTO t (\"B \"\"b\") VALUES ('x'), (NULL);",
        """CREATE TABLE t (a int NOT NULL, "B ""b" text) PARTITION BY RANGE (a);
           CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (2); CREATE TABLE t2 PARTITION OF t DEFAULT;""",
        "SELECT tableoid::regclass::text, a, \"B \"\"b\" FROM t ORDER BY a", [("t1", 1, "x"), ("t2", 2, None)], 12),
    "partitioned table that becomes one": (
        """CREATE TABLE t (a int, b text) PARTITION BY LIST (a); CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1);
           CREATE TABLE t2 (b text, a int); ALTER TABLE t ATTACH PARTITION t2 DEFAULT;""",
        "INSERT INTO t VALUES (1, 'x'), (2, 'y');", "CREATE TABLE t (a int, b text);",
        "SELECT a, b FROM t ORDER BY a", [(1, "x"), (2, "y")], 12),
    "another partition key": (
        """CREATE TABLE t (a int, b text) PARTITION BY LIST (a); CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1);
           CREATE TABLE t2 PARTITION OF t DEFAULT;""",
        "INSERT INTO t VALUES (1, 'x'), (2, 'y');",
        """CREATE TABLE t (a int, b text) PARTITION BY HASH (b); CREATE TABLE h0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0);
           CREATE TABLE h1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1);""",
        "SELECT a, b FROM t ORDER BY a", [(1, "x"), (2, "y")], 12),
    "collation": (
        """CREATE COLLATION c (locale = 'C'); CREATE TABLE t (a text COLLATE c PRIMARY KEY, b int);""",
        "INSERT INTO t VALUES ('x', 1);",
        """CREATE COLLATION c (locale = 'POSIX'); CREATE TABLE t (a text COLLATE c PRIMARY KEY, b int);""",
        "SELECT a, b FROM t", [("x", 1)], 12),
    "what was computed is plain": (
        "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) STORED);", "INSERT INTO t VALUES (4);",
        "CREATE TABLE t (a int, b bigint);", "SELECT a, b FROM t", [(4, 8)], 12),
    "identity whose bounds are narrowed": (
        "CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY, b int GENERATED BY DEFAULT AS IDENTITY (START 500 MINVALUE 400));",
        "",
        """CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY (START 2000 MINVALUE 1000),
           b int GENERATED BY DEFAULT AS IDENTITY (START 5 MINVALUE 1 MAXVALUE 9));""",
        "INSERT INTO t DEFAULT VALUES RETURNING a, b", [(2000, 5)], 12),
    "heirs of a table that is made anew": (
        """CREATE TYPE n1 AS (a int, b text); CREATE TABLE p (a n1); CREATE TABLE t (c int) INHERITS (p);
           CREATE TABLE s OF n1; CREATE FUNCTION f(s) RETURNS int LANGUAGE sql AS 'SELECT 1';""",
        "INSERT INTO p VALUES ('(1,x)'); INSERT INTO t VALUES ('(2,y)', 3); INSERT INTO s VALUES (5, 'z');",
        """CREATE TYPE n1 AS (b text, a int); CREATE TABLE p (a n1); CREATE TABLE t (c int) INHERITS (p);
           CREATE TABLE s OF n1; CREATE FUNCTION f(s) RETURNS int LANGUAGE sql AS 'SELECT 1';""",
        "SELECT (a).a, (a).b FROM p UNION ALL SELECT a, b FROM s ORDER BY 1", [(1, "x"), (2, "y"), (5, "z")], 12),
    "forced row security": (
        """CREATE TYPE n1 AS (a int, b text); CREATE TABLE t OF n1; ALTER TABLE t ENABLE ROW LEVEL SECURITY;
           ALTER TABLE t FORCE ROW LEVEL SECURITY;""",
        "INSERT INTO t VALUES (1, 'x');",
        """CREATE TYPE n1 AS (b text, a int); CREATE TABLE t OF n1; ALTER TABLE t ENABLE ROW LEVEL SECURITY;
           ALTER TABLE t FORCE ROW LEVEL SECURITY;""",
        "SELECT a, b FROM t", [(1, "x")], 12),
    "virtual column that is stored now": (
        "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) VIRTUAL);", "INSERT INTO t VALUES (4);",
        "CREATE TABLE t (a int, b int);", "SELECT a, b FROM t", [(4, 8)], 18),
}


def rows(database, query):
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


@pytest.mark.many
@pytest.mark.parametrize("name", CASES)
def test_rows_are_kept(name, plan_tool, server, make_database):
    before, fill, after, query, expected, minimum = CASES[name]
    if server.major < minimum:
        pytest.skip(f"PostgreSQL {minimum}")
    x, y, first = make_database(), make_database(), make_database()
    for database, sql in ((x, before + fill), (y, after), (first, before)):
        assert load(database, sql) is None, load(database, sql)
    plan = plan_tool.diff(x, y)
    problem = turn(plan_tool, x, y)
    assert problem is None, problem
    assert rows(x, query) == expected, text(plan)
    assert not [s for s in plan_tool.read(x)["schema"]["objects"] if s["name"].endswith("__rows")]
    problem = turn(plan_tool, y, first)
    assert problem is None, f"back: {problem}"


def test_a_sequence_beside_a_type_of_its_name(plan_tool, server, make_database):
    if server.major < 13:
        pytest.skip("before PostgreSQL 13 a sequence has a type of its own name")
    both = "CREATE SEQUENCE s START 5; CREATE TYPE s AS ENUM ('a'); CREATE TABLE t (a s, b int DEFAULT nextval('s'));"
    only = "CREATE TYPE s AS ENUM ('a');"
    for before, after in ((both, ""), ("", both), (only, both), (both, only), (both, "CREATE SEQUENCE s;"), ("CREATE SEQUENCE s;", both)):
        x, y = make_database(), make_database()
        assert load(x, before) is None and load(y, after) is None
        assert turn(plan_tool, x, y) is None
