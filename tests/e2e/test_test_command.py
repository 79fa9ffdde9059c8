"""godwit test: up, down, up on a shadow, with rows in the tables."""
import shutil

import pytest

from harness.program import ROOT

AWKWARD = 'we "quoted" Tàble; --'
SQL_AWKWARD = '"we ""quoted"" Tàble; --"'


def run(project, *words, **options):
    return project.godwit("test", *words, "--json", **options).json


def kinds(document, version=None, of="findings"):
    return [f["kind"] for m in document["migrations"] if version in (None, m["version"]) for f in m[of]]


def finding(document, kind, of="findings"):
    found = [f for m in document["migrations"] for f in m[of] if f["kind"] == kind]
    assert found, document
    return found[0]


@pytest.mark.slow
def test_sound_migrations_pass_and_the_database_is_untouched(project, database):
    project.migration(1, "base", f"CREATE TABLE {SQL_AWKWARD} (id int PRIMARY KEY, \"a b\" text NOT NULL);",
                      f"DROP TABLE {SQL_AWKWARD};")
    project.migration(2, "more", f"ALTER TABLE {SQL_AWKWARD} ADD COLUMN c int;",
                      f"ALTER TABLE {SQL_AWKWARD} DROP COLUMN c;")
    result = project.godwit("test", code=0)
    assert "2 migrations tested, none with findings" in result.out
    document = run(project, code=0)
    assert [m["version"] for m in document["migrations"]] == ["1", "2"]
    assert all(m["up_ms"] >= 0 and m["down_ms"] >= 0 and m["findings"] == [] for m in document["migrations"])
    assert database.tables() == []


@pytest.mark.slow
def test_a_down_that_leaves_an_index_behind(project):
    project.migration(1, "base", "CREATE TABLE t (id int PRIMARY KEY, k int);", "DROP TABLE t;")
    project.migration(2, "index", "ALTER TABLE t ADD c int;\nCREATE INDEX t_k ON t (k);",
                      "-- back\nALTER TABLE t DROP c;")
    document = run(project, code=3)
    wrong = finding(document, "wrong-down")
    assert "t_k" in wrong["message"] and wrong["sql"] == ["DROP INDEX public.t_k"]
    assert wrong["file"].endswith("2_index.down.sql") and wrong["line"] == 2
    assert kinds(document) == ["wrong-down"], "the next try begins from a sound state"
    text = project.godwit("test", code=3).out
    assert "lacks: DROP INDEX public.t_k;" in text and "at migrations/2_index.down.sql:2" in text


def test_a_column_that_comes_back_empty_is_lossy(project):
    project.migration(1, "base", "CREATE TABLE t (id int PRIMARY KEY, note text);", "DROP TABLE t;")
    project.migration(2, "drop", "ALTER TABLE t DROP COLUMN note;",
                      "SELECT 1;\nALTER TABLE t\n  ADD COLUMN note text;")
    lossy = finding(run(project, code=3), "lossy-down")
    assert "public.t (note)" in lossy["message"] and lossy["line"] == 3


def test_a_lossy_down_that_is_meant_says_so_with_a_reason(project):
    project.migration(1, "base", "CREATE TABLE t (id int PRIMARY KEY, note text);", "DROP TABLE t;")
    project.migration(2, "drop", "ALTER TABLE t DROP COLUMN note;",
                      "-- godwit: ignore lossy-down nobody ever wrote it\nALTER TABLE t ADD COLUMN note text;")
    document = run(project, code=0)
    assert finding(document, "lossy-down", "notes")["detail"] == "ignored: nobody ever wrote it"


def test_rows_that_a_table_loses_for_good(project):
    project.migration(1, "base", "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY);",
                      "DROP TABLE t, u;")
    project.migration(2, "drop", "DROP TABLE t; DELETE FROM u;", "CREATE TABLE t (id int PRIMARY KEY);")
    document = run(project, code=3)
    messages = [f["message"] for f in document["migrations"][1]["findings"]]
    assert any("public.t: 0 of 3 rows" in m for m in messages), messages
    assert any("public.u: 0 of 3 rows" in m for m in messages), messages
    notes = [f["message"] for f in document["migrations"][1]["notes"]]
    assert "up takes away public.t with 3 rows" in notes and "up deletes rows: public.u had 3 rows, and has 0" in notes


def test_rows_that_up_brings_and_down_leaves(project):
    project.migration(1, "base", "CREATE TABLE t (id serial PRIMARY KEY, n text);", "DROP TABLE t;")
    project.migration(2, "rows", "INSERT INTO t (n) VALUES ('one');", "SELECT 1;")
    assert kinds(run(project, code=3), "2") == ["rows-left", "rows-differ"] or \
        kinds(run(project, code=3), "2") == ["rows-left"]


def test_a_missing_down_is_named(project):
    project.migration(1, "base", "CREATE TABLE t (id int PRIMARY KEY);")
    document = run(project, code=3)
    assert finding(document, "missing-down")["file"].endswith("1_base.up.sql")


def test_conventions_without_a_way_back_are_no_findings(project):
    project.write("migrations/1_base.sql", "CREATE TABLE t (id int PRIMARY KEY);")
    assert finding(run(project, code=0), "irreversible", "notes")
    shutil.rmtree(project / "migrations")
    project.write("migrations/00001_base.sql", "-- +goose Up\nCREATE TABLE t (id int PRIMARY KEY);\n")
    assert finding(run(project, code=0), "irreversible", "notes")


@pytest.mark.slow
def test_a_column_that_existing_rows_cannot_have(project):
    project.migration(1, "base", "CREATE TABLE t (id int PRIMARY KEY);", "DROP TABLE t;")
    project.migration(2, "must", "SELECT 1;\nALTER TABLE t ADD COLUMN must int NOT NULL;", "ALTER TABLE t DROP must;")
    project.migration(3, "after", "CREATE TABLE u (id int REFERENCES t);", "DROP TABLE u;")
    document = run(project, code=3)
    fails = finding(document, "fails-with-rows")
    assert "contains null values" in fails["message"] and fails["line"] == 2
    assert kinds(document, "3") == [], "later ones are tested all the same"


def test_an_up_that_fails_stops_there(project):
    project.migration(1, "base", "CREATE TABLE t (id int PRIMARY KEY);", "DROP TABLE t;")
    project.migration(2, "bad", "SELECT 1;\nALTER TABLE nowhere ADD c int;", "SELECT 1;")
    project.migration(3, "after", "SELECT 1;", "SELECT 1;")
    document = run(project, code=3)
    assert kinds(document) == ["up-failed"] and document["untested"] == 1
    assert finding(document, "up-failed")["line"] == 2


def test_a_down_that_fails_and_one_after_which_up_fails(project):
    project.migration(1, "base", "CREATE TABLE t (id int PRIMARY KEY);", "DROP TABLE t;\nDROP TABLE t;")
    project.migration(2, "rows", "INSERT INTO t VALUES (77);", "SELECT 1;")
    document = run(project, code=3)
    assert finding(document, "down-failed")["line"] == 2
    assert "up-again-failed" in kinds(document, "2") and "rows-left" in kinds(document, "2")


@pytest.mark.slow
def test_up_again_has_to_give_the_same(project):
    project.migration(1, "base", "CREATE TABLE t (id int PRIMARY KEY);", "DROP TABLE t;")
    project.migration(3, "second", "DO $$ BEGIN IF EXISTS (SELECT FROM pg_sequences WHERE sequencename = 's' "
                      "AND last_value IS NOT NULL) THEN CREATE TABLE odd (id int); END IF; "
                      "CREATE TABLE IF NOT EXISTS v (id int); PERFORM nextval('s'); END $$;", "DROP TABLE v;")
    project.migration(2, "sequence", "CREATE SEQUENCE s;", "DROP SEQUENCE s;")
    assert "up-again-differs" in kinds(run(project, code=3), "3")


def test_repeatable_files_run_twice(project):
    project.write("migrations/1_base.up.sql", "CREATE TABLE t (id serial PRIMARY KEY, n int);")
    project.write("migrations/1_base.down.sql", "DROP TABLE t;")
    project.write("migrations/2_good.sql", "-- godwit: repeatable\nCREATE OR REPLACE VIEW v AS SELECT id FROM t;")
    project.write("migrations/3_bad.sql", "-- godwit: repeatable\nCREATE VIEW w AS SELECT id FROM t;")
    project.write("migrations/4_rows.sql", "-- godwit: repeatable\nINSERT INTO t (n) VALUES (1);")
    document = run(project, code=3)
    by_name = {m["name"]: [f["kind"] for f in m["findings"]] for m in document["migrations"]}
    assert by_name == {"base": [], "good": [], "bad": ["not-idempotent"], "rows": ["not-idempotent"]}


@pytest.mark.slow
def test_rows_are_made_for_demanding_tables(project):
    project.migration(1, "types", """
        CREATE TYPE mood AS ENUM ('sad', 'it''s "ok"');
        CREATE TYPE pair AS (a int, b text);
        CREATE DOMAIN code AS varchar(3) NOT NULL CHECK (VALUE ~ '^[A-Z]{3}$');
        CREATE DOMAIN even AS int CHECK (VALUE % 2 = 0);
        CREATE TABLE "Parent's" (
            id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, m mood NOT NULL, moods mood[] NOT NULL,
            c code, e even NOT NULL, p pair NOT NULL, short char(1) NOT NULL UNIQUE,
            doubled int GENERATED ALWAYS AS (id * 2) STORED,
            key bytea NOT NULL CHECK (octet_length(key) = 1568), mail text NOT NULL CHECK (mail LIKE '%_@_%.__%'),
            state text NOT NULL CHECK (state IN ('new', 'done')), done_at timestamptz,
            CHECK ((state = 'done') = (done_at IS NOT NULL)), lo int NOT NULL, hi int NOT NULL, CHECK (lo < hi),
            rate numeric(4,3) NOT NULL CHECK (rate > 0 AND rate < 1), address inet NOT NULL, doc jsonb NOT NULL
                CHECK (jsonb_typeof(doc) = 'array'), during tstzrange NOT NULL, bits bit(5) NOT NULL);
        CREATE TABLE child (p int NOT NULL REFERENCES "Parent's", n int NOT NULL, PRIMARY KEY (p, n));
        CREATE TABLE grandchild (id uuid PRIMARY KEY, p int NOT NULL, n int NOT NULL, self uuid REFERENCES grandchild,
            FOREIGN KEY (p, n) REFERENCES child);
        CREATE TABLE egg (id int PRIMARY KEY, hen int);
        CREATE TABLE hen (id int PRIMARY KEY, egg int NOT NULL REFERENCES egg);
        ALTER TABLE egg ADD FOREIGN KEY (hen) REFERENCES hen;
        CREATE TABLE part (at date NOT NULL, kind text NOT NULL) PARTITION BY RANGE (at);
        CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2031-03-01') TO ('2031-04-01') PARTITION BY LIST (kind);
        CREATE TABLE part_1_a PARTITION OF part_1 FOR VALUES IN ('a', 'b''c');
        CREATE TABLE nothing_but_defaults (id serial PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());
    """, """DROP TABLE nothing_but_defaults, part, hen, egg, grandchild, child, "Parent's" CASCADE;
        DROP DOMAIN code, even; DROP TYPE pair, mood;""")
    tables = ['"Parent\'s"', "child", "grandchild", "egg", "hen", "part", "nothing_but_defaults"]
    project.migration(2, "empty", "".join(f"DELETE FROM {t};" for t in reversed(tables) if t not in ("egg", "hen"))
                      + "UPDATE egg SET hen = NULL; DELETE FROM hen; DELETE FROM egg;", "SELECT 1;")
    document = run(project, code=3)
    assert kinds(document, of="notes").count("not-seeded") == 0, document
    deleted = {f["message"].split(" had ")[0] for f in document["migrations"][1]["notes"]}
    assert {d.rsplit(".", 1)[-1] for d in deleted} == set(tables)


def test_a_table_that_no_row_can_be_made_for_is_named_with_the_reason(project):
    project.migration(1, "base", "CREATE TABLE t (id int PRIMARY KEY CHECK (id > 5 AND id < 3));"
                      "CREATE TABLE u (id int NOT NULL REFERENCES t);", "DROP TABLE u, t;")
    notes = run(project, code=0)["migrations"][0]["notes"]
    assert [(n["message"], n["detail"]) for n in notes if n["kind"] == "not-seeded"] == [
        ("no row could be made for public.t",
         'new row for relation "t" violates check constraint "t_id_check"'),
        ("no row could be made for public.u", "public.t has no rows")]


@pytest.mark.slow
def test_a_seed_is_loaded_as_soon_as_it_fits(project):
    project.migration(1, "one", "CREATE TABLE t (id int PRIMARY KEY, n text);", "DROP TABLE t;")
    project.migration(2, "two", "CREATE TABLE u (id int REFERENCES t);", "DROP TABLE u;")
    project.migration(3, "three", "ALTER TABLE t ADD CHECK (n <> 'b''ad');", "ALTER TABLE t DROP CONSTRAINT t_n_check;")
    project.write("rows.sql", "INSERT INTO t VALUES (1, 'b''ad');\nCOPY u FROM stdin;\n1\n\\.\n")
    document = run(project, "--seed", "rows.sql", code=3)
    assert kinds(document) == ["fails-with-rows"] and kinds(document, "3")
    again = run(project, "3", "--seed", "rows.sql", code=3)
    assert [m["version"] for m in again["migrations"]] == ["3"] and kinds(again) == ["fails-with-rows"]


def test_a_seed_that_never_fits_is_an_error(project):
    project.migration(1, "one", "CREATE TABLE t (id int PRIMARY KEY);", "DROP TABLE t;")
    project.write("rows.sql", "INSERT INTO t VALUES (1);\nINSERT INTO nowhere VALUES (1);")
    result = project.godwit("test", "--seed", "rows.sql", code=1)
    assert "nowhere" in result.err and "rows.sql:2" in result.err
    project.godwit("test", "--seed", "no-such-file.sql", code=1)
    project.godwit("test", "99", code=2)


@pytest.mark.slow
def test_files_outside_a_transaction_batches_copy_only_and_env(project):
    project.config({"project": "test", "migrations": "migrations", "default": "dev", "environments": {
        "dev": {"url": "embedded"}, "prod": {"url": "embedded"}}})
    project.migration(1, "base", "CREATE TABLE t (id int PRIMARY KEY, k int, done bool);\nCOPY t FROM stdin;\n"
                      "91\t2\t\\N\n\\.\n", "DROP TABLE t;")
    project.migration(2, "index", "-- godwit: no-transaction\nCREATE INDEX CONCURRENTLY t_k ON t (k);",
                      "-- godwit: no-transaction\nDROP INDEX CONCURRENTLY t_k;")
    project.migration(3, "batch", "-- godwit: batch t.id 10\nUPDATE t SET done = true WHERE id BETWEEN $1 AND $2;",
                      "-- godwit: ignore lossy-down it had no value\nUPDATE t SET done = NULL;")
    project.migration(4, "env", "-- godwit: env\nCREATE TABLE ${THE_NAME} (id int);",
                      "-- godwit: env\nDROP TABLE ${THE_NAME};")
    project.migration(5, "only", "-- godwit: only=prod\nCREATE TABLE p (id int);", "DROP TABLE p;")
    env = {"THE_NAME": "named"}
    dev = run(project, code=0, env=env)
    assert [m["version"] for m in dev["migrations"]] == ["1", "2", "3", "4"]
    prod = run(project, "--env", "prod", code=0, env=env)
    assert [m["version"] for m in prod["migrations"]][-1] == "5"


def test_enums_functions_and_triggers(project):
    project.migration(1, "base", "CREATE TYPE m AS ENUM ('a'); CREATE TABLE t (id int PRIMARY KEY, m m);",
                      "DROP TABLE t; DROP TYPE m;")
    project.migration(2, "value", "ALTER TYPE m ADD VALUE 'b';", "SELECT 1;")
    project.migration(3, "trigger", "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS "
                      "$$ BEGIN RETURN NEW; END $$; CREATE TRIGGER tr BEFORE INSERT ON t "
                      "FOR EACH ROW EXECUTE FUNCTION f();", "DROP FUNCTION f() CASCADE;")
    document = run(project, code=3)
    assert kinds(document, "2") == ["wrong-down"] and kinds(document, "3") == []


@pytest.mark.slow
def test_many_migrations_some_with_wrong_downs(project):
    project.migration(1, "base", "CREATE TABLE t (id int PRIMARY KEY);", "DROP TABLE t;")
    for i in range(2, 41):
        project.migration(i, f"column_{i}", f"ALTER TABLE t ADD c{i} int;",
                          "SELECT 1;" if i % 10 == 0 else f"ALTER TABLE t DROP c{i};")
    result = project.godwit("test", "--json", code=3, timeout=600)
    assert kinds(result.json) == ["wrong-down"] * 4


def test_two_services(project):
    project.config({"project": "test", "default": "dev", "environments": {"dev": {"url": "embedded"}},
                    "migrations": [{"service": "a", "path": "a"}, {"service": "b", "path": "b"}]})
    project.write("a/1_t.up.sql", "CREATE TABLE t (id int PRIMARY KEY);")
    project.write("a/1_t.down.sql", "DROP TABLE t;")
    project.write("b/2_u.up.sql", "CREATE TABLE u (id int REFERENCES t);")
    project.write("b/2_u.down.sql", "DROP TABLE IF EXISTS x;")
    document = run(project, code=3)
    assert [(m["service"], [f["kind"] for f in m["findings"]]) for m in document["migrations"]] == [
        ("a", []), ("b", ["wrong-down"])]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ledgerflow", "kembridge", "sita-minter", "clinic"])
def test_the_examples_pass(project, server, name):
    shutil.copytree(ROOT / "examples" / name, project / name)
    if name == "ledgerflow" and server.major < 13:
        # Its first file makes pgcrypto there, for gen_random_uuid, and leaves it to others who may use it.
        result = project.godwit("-C", name, "test", "--url", "embedded", code=3, timeout=900)
        assert result.out.count("wrong-down") == 1 and "lacks: DROP EXTENSION pgcrypto" in result.out
        return
    result = project.godwit("-C", name, "test", "--url", "embedded", code=0, timeout=900)
    assert "none with findings" in result.out


SQITCH = """%syntax-version=1.0.0
%project=shop

one 2026-11-21T02:55:16Z Ada <ada@example.org> # one
two [one] 2026-11-21T02:55:17Z Ada <ada@example.org> # two
"""


def test_verify_scripts_of_sqitch_run_behind_the_deploy(project, database):
    project.write("migrations/sqitch.plan", SQITCH)
    for name, table in (("one", "a"), ("two", "b")):
        project.write(f"migrations/deploy/{name}.sql", f"BEGIN;\nCREATE TABLE {table} (id int PRIMARY KEY);\nCOMMIT;\n")
        project.write(f"migrations/revert/{name}.sql", f"BEGIN;\nDROP TABLE {table};\nCOMMIT;\n")
    project.write("migrations/verify/one.sql", "-- Verify\nBEGIN;\nSELECT id FROM a WHERE false;\nINSERT INTO a VALUES (-77);\n"
                                               "CREATE TABLE left_over (id int);\nROLLBACK;\n")
    project.write("migrations/verify/two.sql", "SELECT id FROM b WHERE false;\n\nSELECT 1/count(*) FROM a WHERE id = -77;\n")
    document = run(project, code=3)
    failed = finding(document, "verify-failed")
    assert [m["version"] for m in document["migrations"] if m["findings"]] == ["two"]
    assert "verify script" in failed["message"] and failed["file"].endswith("verify/two.sql") and failed["line"] == 3
    project.write("migrations/verify/two.sql", "SELECT id FROM b WHERE false;\n")
    run(project, code=0)
    project.write("migrations/deploy/two.sql", "-- godwit: ignore verify-failed checked elsewhere\nBEGIN;\nCREATE TABLE b (x int);\nCOMMIT;\n")
    assert "ignored: checked elsewhere" in str(run(project, code=0))
    assert database.tables() == []
    # In an up its deploy goes back with it; that of the change before, which holds, stays.
    error = project.godwit("up", "--json", code=1).json["error"]
    assert error["sqlstate"] == "42703" and error["where"].endswith("verify/two.sql:1:8"), error
    assert database.tables() == ["a"] and project.states() == {"one": "applied", "two": "failed"}
    project.write("migrations/verify/two.sql", "SELECT x FROM b WHERE false;\n")
    project.godwit("up", code=0)
    assert database.tables() == ["a", "b"]
