"""What is found out about a file before anything of the run is done, and what is said about it."""
import pytest

from harness.blocking import configure

LONG = "x" * (3 << 19)  # over what the built-in grammar is given


# ---- backslashes ------------------------------------------------------------------------------

WITH_BACKSLASHES = ("CREATE TABLE s (v text);\nINSERT INTO s VALUES ('it\\'s; one'), ('\\\\'), (N'n\\'n');\n"
                    "DO 'BEGIN INSERT INTO s VALUES (''do\\\\\\'s''); END';\nINSERT INTO s VALUES ('a\\''\n 'b\\';');\n"
                    "INSERT INTO s VALUES (E'e\\'', $$d\\$$);\n".replace("(E'e\\'', $$d\\$$)", "(E'e\\''), ($$d\\$$)"))
EXPECTED = sorted(["it's; one", "\\", "n'n", "do's", "a'b';", "e'", "d\\"])


@pytest.mark.parametrize("where", ["role", "database", "file", "config call"])
@pytest.mark.parametrize("top", ["", "-- godwit: no-transaction\n"])
def test_backslashes_escape_as_they_are_said_to(where, top, project, database):
    said = {"role": f'ALTER ROLE CURRENT_USER IN DATABASE "{database.name}" SET standard_conforming_strings = off',
            "database": f'ALTER DATABASE "{database.name}" SET standard_conforming_strings = off'}
    in_file = {"file": "SET standard_conforming_strings = off;\n",
               "config call": "SELECT pg_catalog.set_config('standard_conforming_strings', 'off', false);\n"}
    database.execute(f'ALTER DATABASE "{database.name}" SET escape_string_warning = off')
    if where in said:
        database.execute(said[where])
    project.migration(1, "s", top + in_file.get(where, "") + WITH_BACKSLASHES)
    shown = project.godwit("up", "--dry-run", code=0)
    assert "it\\'s; one" in shown.out
    project.godwit("up", code=0)
    assert sorted(v for v, in database.execute("SELECT v FROM s")) == EXPECTED
    # And a syntax error behind such strings is found before anything runs, at its place.
    project.migration(2, "first", "CREATE TABLE never (a int);")
    project.migration(3, "wrong", in_file.get(where, "") + "SELECT 'ä\\';\\'', SELEC 'x' y z;")
    result = project.godwit("up", code=1)
    line = 2 if where in in_file else 1
    assert "nothing was run" in result.err and f"3_wrong.up.sql:{line}:30" in result.err, result
    assert "never" not in database.tables()


def test_a_role_that_lets_backslashes_escape_and_a_file_that_does_not(project, database):
    database.execute(f'ALTER DATABASE "{database.name}" SET standard_conforming_strings = off',
                     f'ALTER DATABASE "{database.name}" SET escape_string_warning = off')
    project.migration(1, "s", "CREATE TABLE s (v text);\nSET standard_conforming_strings = on;\n"
                      "INSERT INTO s VALUES ('a\\');\nRESET standard_conforming_strings;\nINSERT INTO s VALUES ('b\\';');")
    project.godwit("up", code=0)
    assert sorted(v for v, in database.execute("SELECT v FROM s")) == ["a\\", "b';"]


# ---- long statements --------------------------------------------------------------------------

def test_a_long_statement_is_parsed_before_the_run(project, database):
    project.migration(1, "first", "CREATE TABLE first (a text);")
    project.migration(2, "long", f"INSERT INTO first VALUES\n('{LONG}') RETURNING RETURNING;")
    result = project.godwit("up", code=1)
    assert "nothing was run" in result.err and "syntax error" in result.err
    assert f"2_long.up.sql:2:{len(LONG) + 16}" in result.err
    assert "first" not in database.tables()
    project.migration(2, "long", f"INSERT INTO first VALUES\n('{LONG}');\n-- the table is not there yet\n")
    project.godwit("up", code=0)
    assert database.value("SELECT length(a) FROM first") == len(LONG)


def test_a_long_statement_behind_a_pooler(project, database, pgbouncer):
    configure(project, pgbouncer.url(database.name))
    project.migration(1, "long", f"CREATE TABLE t AS SELECT '{LONG}' AS a;")
    project.migration(2, "wrong", f"SELECT '{LONG}' FROM FROM;")
    assert "nothing was run" in project.godwit("up", code=1).err
    assert "t" not in database.tables()
    project.godwit("up", "--to", "1", code=0)
    assert database.value("SELECT length(a) FROM t") == len(LONG)


# ---- warnings ---------------------------------------------------------------------------------

@pytest.mark.parametrize("words", [["up"], ["up", "--atomic"]])
def test_a_file_says_all_that_is_to_be_said(words, project, database):
    database.execute("CREATE TABLE t (a int); CREATE TABLE u (a int); CREATE TABLE v (a int)")
    project.migration(1, "several", "ALTER TABLE t ADD b int;\nUPDATE u SET a = 1;\nCOPY v FROM stdin;\n1\n")
    result = project.godwit(*words, code=0)
    assert "1_several.up.sql:3" in result.err and "1_several.up.sql:1" in result.err
    assert result.err.count("warning:") == 2


# ---- Godwit's own schema ----------------------------------------------------------------------

@pytest.mark.parametrize("sql", [
    "DO $$ BEGIN DROP SCHEMA godwit CASCADE; END $$;",
    "DO $$ BEGIN EXECUTE format('TRUNCATE %I.%I', 'godwit', 'migrations'); END $$;",
    "-- godwit: no-transaction\nDO $$ BEGIN COMMIT; DROP SCHEMA godwit CASCADE; END $$;",
    "UPDATE godwit.migrations SET checksum = NULL;", "DELETE FROM godwit.migrations;",
    "INSERT INTO godwit.events (run_id, action, outcome, actor, host, godwit_version) VALUES ('', '', 'ok', '', '', '');",
    "COPY godwit.migrations (tenant) FROM stdin;\n\\.\n",
    "WITH gone AS (DELETE FROM godwit.migrations RETURNING *) SELECT * FROM gone;",
    "-- godwit: no-transaction\nUPDATE godwit.run_lock SET token = NULL;",
    "-- godwit: batch godwit.events.id 10\nDELETE FROM godwit.events WHERE id BETWEEN $1 AND $2;"])
def test_what_would_change_the_history_is_refused(sql, project, database):
    project.migration(1, "first", "CREATE TABLE first (a int);")
    project.migration(2, "own", sql)
    error = project.godwit("up", "--json", code=5).json["error"]
    assert error["message"] == "a migration may not change schema godwit" and "2_own" in str(error["where"])
    assert "first" not in database.tables()


ALL = ("DO $$ DECLARE n text; BEGIN FOR n IN SELECT {0} LOOP EXECUTE '{1} ' || n || ' CASCADE'; END LOOP; END $$;")
UNKNOWABLE = {
    "schemas": ALL.format("quote_ident(nspname) FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%'"
                          " AND nspname <> 'information_schema'", "DROP SCHEMA"),
    "tables": ALL.format("c.oid::regclass::text FROM pg_class c WHERE relkind = 'r' AND relnamespace <> 11"
                         " AND relnamespace <> 'information_schema'::regnamespace", "TRUNCATE"),
    "function": "CREATE FUNCTION public.away() RETURNS void LANGUAGE plpgsql AS"
                " 'BEGIN ALTER SCHEMA godwit RENAME TO away; END'; SELECT public.away();"}


@pytest.mark.parametrize("mode", ["plain", "no-transaction", "long", "atomic"])
@pytest.mark.parametrize("what", UNKNOWABLE)
def test_a_history_that_is_taken_away_by_what_nobody_can_know_comes_back(what, mode, project, database):
    project.migration(1, "first", "CREATE TABLE first (a int); INSERT INTO first VALUES (1);")
    project.godwit("up", code=0)
    top = {"no-transaction": "-- godwit: no-transaction\n", "long": "-- " + "x" * 70000 + "\n"}
    project.migration(2, "all", top.get(mode, "") + UNKNOWABLE[what])
    if what != "function":
        # Nobody can know either what else it drops: that is asked first.
        refused = project.godwit("up", "--json", code=5).json["error"]
        assert "cannot be known" in refused["message"], refused
    words = ["--allow-data-loss", *(["--atomic"] if mode == "atomic" else [])]
    error = project.godwit("up", "--json", *words, code=1).json["error"]
    if what == "tables":
        assert error["message"] == "godwit.events is append-only"
    else:
        assert "schema godwit" in error["detail"] and "schema godwit" in error["hint"], error
    assert database.value("SELECT count(*) FROM godwit.migrations WHERE state = 'applied'") == 1
    assert database.execute("SELECT a FROM first") == [(1,)]
    assert project.states() == {"1": "applied", "2": "failed"}
