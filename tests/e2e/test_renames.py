"""Renames of every kind, and moves to another schema: rows stay, nothing is dropped."""
import pytest

ODD = '"Ünlike ""it"""'
START = f"""
CREATE SCHEMA a;
CREATE TABLE a.t (id serial PRIMARY KEY, v text CHECK (v <> ''));
CREATE INDEX t_v_idx ON a.t (v);
CREATE VIEW a.v AS SELECT id FROM a.t;
CREATE SEQUENCE a.s;
CREATE TYPE a.mood AS ENUM ('x');
CREATE FUNCTION a.f(int) RETURNS int LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION a.f(text) RETURNS text LANGUAGE sql AS 'SELECT $1';
CREATE PROCEDURE a.p() LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE a.agg(int) (SFUNC = int4pl, STYPE = int);
"""


@pytest.fixture
def shop(project, database):
    database.execute(START + "INSERT INTO a.t (v) VALUES ('kept')")
    return project


def push(project, schema, *words, **options):
    project.write("schema.sql", schema)
    return project.godwit("push", "schema.sql", "--yes", *words, **options)


def check(result):
    assert "DROP" not in result.out and "CREATE FUNCTION" not in result.out, result.out
    assert "data may be lost" not in result.err


@pytest.mark.parametrize("old, new, rename", [
    ("a.f(", f"a.{ODD}(", f"a.f=a.{ODD}"),
    ("a.p(", "a.q(", "a.p=q"),
    ("a.agg(", "a.total(", "agg=total"),
    ("a.v ", f"a.{ODD} ", f"v={ODD}"),
    ("SEQUENCE a.s;", "SEQUENCE a.other;", "a.s=other"),
    ("t_v_idx", ODD, f"a.t_v_idx={ODD}"),
    ("a.mood", "a.temper", "mood=temper"),
])
def test_each_kind_is_renamed(shop, database, old, new, rename):
    wanted = START.replace(old, new)
    result = push(shop, wanted, "--rename", rename, code=0)
    check(result)
    assert "RENAME TO" in result.out
    shop.godwit("diff", "--from", "database", "--to", "schema.sql", code=0)


def test_a_schema_is_renamed_with_all_that_is_in_it(shop, database):
    wanted = START.replace("a.", "b.").replace("SCHEMA a", "SCHEMA b")
    result = push(shop, wanted, "--rename", "a=b", "--rename", "a.t.v=w", code=2)
    assert "nothing in" in result.err, "b.t has no column w"
    result = push(shop, wanted, "--rename", "a=b", "--prove-rows", code=0)
    check(result)
    assert "ALTER SCHEMA a RENAME TO b" in result.out and "Proven with rows" in result.out
    assert database.value("SELECT v FROM b.t") == "kept"


def test_tables_functions_and_types_move_to_another_schema(shop, database):
    wanted = (START.replace("a.t", f"{ODD}.u").replace("a.f(", f"{ODD}.f(").replace("a.mood", f"{ODD}.mood")
              .replace("t_v_idx", "u_v_idx").replace("CREATE SCHEMA a;", f"CREATE SCHEMA a; CREATE SCHEMA {ODD};"))
    result = push(shop, wanted, "--rename", f"a.t={ODD}.u", "--rename", f"a.f={ODD}.f", "--rename", f"a.mood={ODD}.mood",
                  "--prove-rows", code=0)
    check(result)
    assert f"SET SCHEMA {ODD}" in result.out
    assert database.value(f"SELECT v FROM {ODD}.u") == "kept"
    assert database.value("SELECT count(*) FROM pg_class WHERE relname IN ('u_pkey', 'u_id_seq', 'u_v_idx')") == 3
    shop.godwit("diff", "--from", "database", "--to", "schema.sql", code=0)


@pytest.mark.slow
def test_hints_rename_and_move_alike(shop, database):
    wanted = (START.replace("CREATE TABLE a.t", "-- godwit: renamed from a.t\nCREATE TABLE b.t").replace("ON a.t", "ON b.t")
              .replace("FROM a.t", "FROM b.t").replace("SCHEMA a;", "SCHEMA a; CREATE SCHEMA b;")
              .replace("CREATE FUNCTION a.f(", "-- godwit: renamed from f\nCREATE OR REPLACE FUNCTION a.g(", 1)
              .replace("CREATE FUNCTION a.f(", "CREATE FUNCTION a.g(")
              .replace("CREATE PROCEDURE a.p", "-- godwit: renamed from a.p\nCREATE PROCEDURE b.r")
              .replace("CREATE INDEX t_v_idx", "-- godwit: renamed from t_v_idx\nCREATE INDEX IF NOT EXISTS by_v")
              .replace("CREATE SEQUENCE a.s", "-- godwit: renamed from s\nCREATE SEQUENCE a.s2"))
    check(push(shop, wanted, code=0))
    assert database.value("SELECT v FROM b.t") == "kept"
    assert database.value("SELECT count(*) FROM pg_proc WHERE proname = 'g'") == 2
    assert "nothing to do" in push(shop, wanted, code=0).out, "they may stay"


def test_a_schema_hint(shop, database):
    wanted = START.replace("a.", "b.").replace("CREATE SCHEMA a", "-- godwit: renamed from a\nCREATE SCHEMA b")
    check(push(shop, wanted, code=0))
    assert database.value("SELECT v FROM b.t") == "kept"


def test_what_a_moved_table_loses_is_counted_where_it_is(shop, database):
    wanted = (START.replace("a.t", "b.t").replace(", v text CHECK (v <> '')", "").replace("CREATE INDEX t_v_idx ON b.t (v);", "")
              .replace("SCHEMA a;", "SCHEMA a; CREATE SCHEMA b;"))
    result = push(shop, wanted, "--rename", "a.t=b.t", code=5)
    assert "column a.t.v is dropped: 1 value" in result.err
    push(shop, wanted, "--rename", "a.t=b.t", "--allow-data-loss", code=0)
    assert database.value("SELECT count(*) FROM b.t") == 1
