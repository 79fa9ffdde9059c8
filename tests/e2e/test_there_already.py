"""What is there already: a name that is taken, an index that IF NOT EXISTS passes over, a slot that a killed run made, another runner's lock."""
import contextlib
import re

import pytest

from harness.blocking import WAIT_AT_GATE, closed_gate, configure, until_blocked
from harness.proxy import CutAtCommit
from harness.waiting import until

NO_TX = "-- godwit: no-transaction\n"


@pytest.fixture
def refused(project):
    def call(*words, code=1, **options):
        return project.godwit(*words, "--json", code=code, **options).json["error"]
    return call


@pytest.fixture
def table(database):
    database.execute("""CREATE TABLE t (id int PRIMARY KEY, gone text, a text COLLATE "C", "b ""c" int); ALTER TABLE t DROP COLUMN gone;
                     INSERT INTO t SELECT n, n FROM generate_series(1, 20) n; CREATE TABLE u (a text)""")
    return database


# ---- IF NOT EXISTS -------------------------------------------------------------------------------

OTHERS = {
    "table": ("CREATE INDEX i ON u (a)", "(a)", "on another table: public.u"),
    "column": ("CREATE INDEX i ON t (id)", "(a)", "is not what this statement makes"),
    "unique": ("CREATE UNIQUE INDEX i ON t (a)", "(a)", "is not what this statement makes"),
    "predicate": ("CREATE INDEX i ON t (a) WHERE id > 5", "(a) WHERE id > 6", "is not what this statement makes"),
    "expression": ("CREATE INDEX i ON t (lower(a))", "(upper(a))", "is not what this statement makes"),
    "collation": ("CREATE INDEX i ON t (a)", '(a COLLATE "POSIX")', "is not what this statement makes"),
    "view": ("CREATE VIEW i AS SELECT 1", "(a)", "public.i is no index but a view"),
}


@pytest.mark.parametrize("form", ["CONCURRENTLY ", "", "block"])
@pytest.mark.parametrize("which", OTHERS)
def test_another_index_of_that_name_is_not_passed_over(project, table, refused, which, form):
    there, wanted, says = OTHERS[which]
    table.execute(there)
    begin, end = ("BEGIN;\n", "COMMIT;\n") if form == "block" else ("", "")
    statement = f"CREATE INDEX {form.replace('block', '')}IF NOT EXISTS i ON t {wanted}"
    project.migration(1, "i", f"{NO_TX}CREATE TABLE v (id int);\n{begin}{statement};\n{end}CREATE TABLE w (id int);\n")
    error = refused("up")
    assert says in error["message"] and "in silence" in error["hint"], error
    assert error["where"].endswith(f"1_i.up.sql:{4 if begin else 3}:1"), error
    if which != "view":
        assert f"there is: {there.split('INDEX')[0]}INDEX i ON public." in error["detail"] and statement in error["detail"]
        table.execute("DROP INDEX i")
        project.godwit("up", code=0)
        assert project.states() == {"1": "applied"} and "w" in table.tables()


@pytest.mark.parametrize("words", [["up"], ["up", "--atomic"]], ids="-".join)
@pytest.mark.parametrize("which", OTHERS)
def test_in_a_transaction_it_is_a_warning(project, table, which, words):
    """Folders of other tools have it, and ran so for years; it says what was passed over, and where."""
    there, wanted, says = OTHERS[which]
    table.execute(there)
    project.migration(1, "i", f"CREATE TABLE v (id int);\nCREATE INDEX IF NOT EXISTS i ON t {wanted};\n")
    said = project.godwit(*words, code=0).err
    assert says in said and "IF NOT EXISTS passes over it" in said and "1_i.up.sql:2" in said
    assert which == "view" or "there is: " in said
    assert project.states() == {"1": "applied"} and "v" in table.tables()


def test_in_a_transaction_an_invalid_index_is_refused(project, table, refused):
    table.execute("CREATE INDEX i ON t (a); UPDATE pg_catalog.pg_index SET indisvalid = false WHERE indexrelid = 'i'::regclass")
    project.migration(1, "i", "CREATE TABLE v (id int);\nCREATE INDEX IF NOT EXISTS i ON t (a);\n")
    error = refused("up")
    assert "it is INVALID" in error["message"] and error["where"].endswith("1_i.up.sql:2:1")
    assert "v" not in table.tables()
    table.execute("REINDEX INDEX i")
    assert "passes over" not in project.godwit("up", code=0).err


@pytest.mark.parametrize("wanted", [
    "(a)", "t USING btree (a ASC)", "(lower(a), \"b \"\"c\" DESC) WHERE id IN (1, 2) AND a <> 'x'", "(a text_pattern_ops) INCLUDE (id)",
    "((\"b \"\"c\" + 1), a) WITH (fillfactor = 70)"])
def test_the_same_index_is_passed_over(project, table, wanted):
    """However the server writes it."""
    wanted = wanted.removeprefix("t ")
    table.execute(f"CREATE INDEX i ON t {wanted}")
    project.migration(1, "i", f"{NO_TX}CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY public . t {wanted};\n"
                              f"CREATE INDEX IF NOT EXISTS i ON t {wanted};")
    project.godwit("up", code=0)
    assert table.value("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass") == 2
    assert table.tables() == ["t", "u"]


@pytest.mark.parametrize("there, done", [("CREATE INDEX i ON u (a)", False), ("CREATE INDEX i ON t (upper(a))", False),
                                         ("CREATE INDEX i ON t (lower(a))", True)])
def test_a_killed_run_takes_only_its_own_index_for_done(project, table, refused, there, done):
    project.migration(1, "i", f"{NO_TX}CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (lower(a));\nSELECT 1;")
    with contextlib.closing(table.connect(autocommit=False)) as old:
        with old.cursor() as cursor:
            cursor.execute("INSERT INTO t VALUES (100, 'x')")
        running = project.start("up")
        backend, = until(lambda: table.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                                               " AND query LIKE 'CREATE INDEX%%' AND wait_event_type = 'Lock'"),
                         what="the build")[0]
        running.kill()
        table.execute("SELECT pg_terminate_backend(%s)", [backend])
    until(lambda: not table.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [backend]), timeout=120, what="its end")
    table.execute("DROP INDEX i")
    table.execute(there)
    if done:
        project.godwit("up", code=0)
    else:
        assert "index public.i is there already" in refused("up")["message"]
        assert project.states() == {"1": "failed"}
        assert table.value("SELECT pg_get_indexdef('i'::regclass) NOT LIKE '%%lower%%'")


# ---- "already exists" ----------------------------------------------------------------------------


@pytest.mark.parametrize("made, wanted, detail, hint", [
    ("CREATE TABLE here (id int)", "CREATE TABLE here (id int)", "public.here is a table, owned by ", "IF NOT EXISTS"),
    ("CREATE INDEX here ON t (a)", "CREATE UNIQUE INDEX here ON t (a)", "is an index, owned by .*: CREATE INDEX here ON public.t", "IF NOT EXISTS"),
    ("CREATE VIEW here AS SELECT 1", "CREATE VIEW here AS SELECT 1", "is a view", "CREATE OR REPLACE"),
    ("CREATE SCHEMA here", "CREATE SCHEMA here", None, "IF NOT EXISTS"),
    ("CREATE TYPE here AS ENUM ()", "CREATE TYPE here AS ENUM ()", None, "drop it"),
    ("ALTER TABLE t ADD here int", "ALTER TABLE t ADD here int", None, "IF NOT EXISTS"),
    ("CREATE FUNCTION here() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE FUNCTION here() RETURNS int LANGUAGE sql AS 'SELECT 1'",
     None, "CREATE OR REPLACE"),
])
def test_what_is_there_already_says_how_to_go_on(project, table, refused, made, wanted, detail, hint):
    table.execute(made)
    project.migration(7, "here", f"SELECT 1;\n{wanted};", "SELECT 1;")
    error = refused("up")
    assert "godwit baseline 7 marks it as applied" in error["hint"] and hint in error["hint"]
    assert re.search(detail or "^in migration 7", error["detail"]), error
    assert error["where"].endswith("7_here.up.sql:2:1")
    project.migration(7, "here", f"{NO_TX}SELECT 1;\n{wanted};", "SELECT 1;")
    assert "baseline" not in refused("up")["hint"]


def test_what_the_file_itself_makes_twice(project, refused, database):
    project.migration(1, "twice", "CREATE TABLE a (id int);\nCREATE TABLE a (id int);")
    assert "this file makes it twice" in refused("up")["hint"]
    project.migration(1, "twice", "DO $$ BEGIN CREATE TABLE b (id int); CREATE TABLE b (id int); END $$;")
    assert not refused("up")["hint"]
    assert database.tables() == []


# ---- what outlasts its transaction ---------------------------------------------------------------


@pytest.fixture
def slot(database):
    name = f"{database.name}_slot".lower()
    yield name
    database.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s", [name])


def is_there(database, slot):
    return database.value("SELECT count(*) FROM pg_replication_slots WHERE slot_name = %s AND restart_lsn IS NOT NULL", [slot]) == 1


def gone(database, backend):
    """A slot waits for every transaction of the server, those of other tests, too."""
    until(lambda: not database.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [backend]), timeout=120, what="its end")


@pytest.mark.parametrize("ending", ["made", "ended"])
@pytest.mark.parametrize("idiom", ["", " WHERE NOT EXISTS (SELECT 1 FROM pg_replication_slots WHERE slot_name = 'x')"])
def test_a_slot_of_a_killed_run_is_found_out(project, database, slot, ending, idiom):
    """To make a logical slot is to wait for the transactions that are open."""
    project.migration(1, "slot", f"{NO_TX}CREATE TABLE a (id int);\n"
                                 f"SELECT pg_create_logical_replication_slot('{slot}', 'pgoutput'){idiom};\nCREATE TABLE b (id int);")
    with contextlib.closing(database.connect(autocommit=False)) as old:
        with old.cursor() as cursor:
            cursor.execute("CREATE TABLE has_an_id ()")
        running = project.start("up")
        backend, = until(lambda: database.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                                                  " AND query LIKE 'SELECT pg_create_logical%%' AND wait_event_type = 'Lock'"),
                         what="the slot")[0]
        running.kill()
        said = project.godwit("status", code=0).out
        assert "stopped inside statement 2 of 3" in said and "repair" not in said
        if ending == "ended":
            database.execute("SELECT pg_terminate_backend(%s)", [backend])
    gone(database, backend)
    assert is_there(database, slot) == (ending == "made")
    project.godwit("up", code=0)
    assert is_there(database, slot) and database.tables() == ["a", "b"]
    project.migration(2, "drop", f"{NO_TX}SELECT * FROM pg_drop_replication_slot('{slot}');")
    project.godwit("up", code=0)
    assert not is_there(database, slot)


@pytest.mark.parametrize("answer", ["--done", "--forget"])
def test_what_outlasts_its_transaction_and_is_not_known_asks_for_repair(project, database, refused, slot, answer):
    project.migration(1, "slot", f"{NO_TX}CREATE TABLE IF NOT EXISTS a (id int);\n"
                                 f"SELECT pg_create_physical_replication_slot('{slot}', true), pg_advisory_xact_lock_shared(4711);")
    with closed_gate(database):
        running = project.start("up")
        backend, = until_blocked(database, running)
        running.kill()
        database.execute("SELECT pg_terminate_backend(%s)", [backend])
        gone(database, backend)
    assert is_there(database, slot)
    for _ in range(2):
        error = refused("up")
        assert error["message"] == "nobody can know whether statement 2 had its effect" and "repair 1 --done" in error["hint"]
        assert "whole server" in error["detail"] and error["where"].endswith("1_slot.up.sql:3:1")
    assert "repair 1 --done" in project.godwit("status", code=0).out
    project.godwit("repair", "1", answer, code=0)
    if answer == "--forget":
        assert refused("up")["sqlstate"] == "42710"
        database.execute("SELECT pg_drop_replication_slot(%s)", [slot])
    project.godwit("up", code=0)
    assert project.states() == {"1": "applied"} and is_there(database, slot)


BLOCK = (f"{NO_TX}CREATE TABLE IF NOT EXISTS a (id int);\nBEGIN;\nINSERT INTO a VALUES (1);\nSELECT dblink_exec('x');\n"
         "{}\nCOMMIT;\nCREATE TABLE b (id int);\n")


@pytest.fixture
def dblink(database):
    """Not the extension's: what it does stays all the same, for it takes the number of a sequence."""
    database.execute("CREATE SEQUENCE done; CREATE FUNCTION dblink_exec(text) RETURNS bigint LANGUAGE sql AS $$ SELECT nextval('done') $$")
    return lambda: database.value("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM done")


def test_what_a_killed_block_did_elsewhere_is_not_done_again(project, database, refused, dblink):
    project.migration(1, "block", BLOCK.format(WAIT_AT_GATE))
    with closed_gate(database):
        running = project.start("up")
        backend, = until_blocked(database, running)
        running.kill()
        running.process.wait()
        assert dblink() == 1
        database.execute("SELECT pg_terminate_backend(%s)", [backend])
        gone(database, backend)
    for _ in range(2):
        error = refused("up")
        assert "how far the block of statement 2 came" in error["message"] and "line 5" in error["detail"], error
        assert error["where"].endswith("1_block.up.sql:3:1") and "repair 1 --done" in error["hint"]
    assert dblink() == 1 and database.value("SELECT count(*) FROM a") == 0
    assert project.godwit("status", "--json", code=0).json["migrations"][0]["statement"]["needs_repair"] is True
    project.godwit("repair", "1", "--forget", code=0)
    project.godwit("up", code=0)
    assert dblink() == 2 and database.tables() == ["a", "b"] and database.value("SELECT count(*) FROM a") == 1


def test_what_a_failed_block_did_elsewhere_is_said(project, database, refused, dblink):
    project.migration(1, "block", BLOCK.format("SELECT 1 / 0;"))
    error = refused("up")
    assert error["sqlstate"] == "22012" and "not what line 5 did" in error["detail"] and "again" in error["detail"]
    project.migration(1, "block", BLOCK.format("SELECT 1;"))
    project.godwit("up", code=0)
    assert dblink() == 2 and database.tables() == ["a", "b"]
    assert database.value("SELECT intent IS NULL FROM godwit.migrations")


@pytest.mark.parametrize("outcome, how", [("before", "COMMIT"), ("after", "COMMIT"), ("after", "ROLLBACK")])
def test_a_killed_commit_prepared_is_found_out(project, database, outcome, how):
    name = f"{database.name} {'é' * 60}"
    with contextlib.closing(database.connect()) as other, other.cursor() as cursor:
        for statement in ("BEGIN", "CREATE TABLE a (id int)", f"PREPARE TRANSACTION '{name}'"):
            cursor.execute(statement)
    project.migration(1, "p", f"{NO_TX}CREATE TABLE b (id int);\n{how} PREPARED '{name}';\nCREATE TABLE c (id int);")
    try:
        with contextlib.closing(CutAtCommit(database.server, "PREPARED", outcome, f"{how} PREPARED".encode(),
                                            f"{how} PREPARED\0".encode())) as proxy:
            configure(project, proxy.url(database.name))
            project.godwit("up", code=4, timeout=60)
            assert proxy.cut.is_set()
        configure(project, database.url)
        project.godwit("up", code=0)
        assert database.tables() == (["a", "b", "c"] if how == "COMMIT" else ["b", "c"])
    finally:
        for gid, in database.execute("SELECT gid FROM pg_prepared_xacts WHERE database = current_database()"):
            database.execute(f"ROLLBACK PREPARED '{gid}'")


def test_a_slot_that_is_there_already(project, database, refused, slot):
    database.execute("SELECT pg_create_physical_replication_slot(%s)", [slot])
    for directive in (NO_TX, ""):
        project.migration(1, "slot", f"{directive}SELECT pg_create_physical_replication_slot('{slot}');")
        error = refused("up")
        assert error["sqlstate"] == "42710" and f"pg_drop_replication_slot('{slot}')" in error["hint"]
    assert project.states() == {"1": "failed"}


# ---- another runner ------------------------------------------------------------------------------


def test_who_is_at_work_comes_before_what_would_be_wrong(project, database, refused):
    """What is newest, and what is out of order, may be another by the time that the other is through."""
    project.migration(1, "a", "CREATE TABLE a (id int);")
    project.migration(3, "c", "CREATE TABLE c (id int);", "DROP TABLE c;")
    project.godwit("up", "--to", "1", code=0)
    with closed_gate(database):
        project.migration(3, "c", f"{WAIT_AT_GATE}\nCREATE TABLE c (id int);", "DROP TABLE c;")
        running = project.start("up")
        until_blocked(database, running)
        for words in (["down"], ["up", "--to", "9"]):
            error = refused(*words, "--wait", "0s", code=7)
            assert error["kind"] == "busy", error
        waiting = project.start("down")
        until(lambda: "waiting" in waiting.said(), what="the word that it waits")
    running.finish(code=0)
    waiting.finish(code=0)
    assert project.states() == {"1": "applied", "3": "pending"}
    assert "is not written down" in refused("down", "--wait", "0s", code=1)["message"]


# ---- tables and sequences -------------------------------------------------------------------------

def passed_over(project, *words):
    """The warnings of `up`, as texts with their places."""
    lines = [line for line in project.godwit(*(words or ["up"]), code=0).err.splitlines() if line.strip()]
    return "\n".join(lines)


PASSED_OVER = {
    "type": ("a text, b int", "b bigint NOT NULL, a text DEFAULT 'x'", ["b: there integer, in the statement bigint"]),
    "missing": ("a text", "a text, \"B \"\"b\" numeric(9, 2) CHECK (\"B \"\"b\" > 0), d timestamp with time zone DEFAULT now()",
                ['"B ""b" numeric(9,2): is not there', "d timestamp with time zone: is not there"]),
    "more": ("a text, b int[], ü text", "a text, CONSTRAINT c CHECK (a <> ''), PRIMARY KEY (a)",
             ["b integer[]: is not in the statement", "is not in the statement"]),
    "length": ("a varchar(9)", "a character varying(10) COLLATE \"C\"", ["a: there character varying(9), in the statement character varying(10)"]),
    "like": ("a int", "LIKE other INCLUDING ALL, a int", ["x date: is not there"]),
    "inherits": ("a int", "a int) INHERITS (other", ["x date: is not there"]),
}


@pytest.mark.parametrize("how", ["up", "up --atomic", "outside", "block"])
@pytest.mark.parametrize("which", PASSED_OVER)
def test_a_table_of_other_columns_is_not_passed_over_in_silence(project, database, which, how):
    there, wanted, says = PASSED_OVER[which]
    database.execute(f"CREATE TABLE other (x date); CREATE TABLE t ({there})")
    begin, end = ("BEGIN;\n", "COMMIT;\n") if how == "block" else ("", "")
    head = NO_TX if how in ("outside", "block") else "-- a line\n"
    project.migration(1, "t", f"{head}{begin}CREATE TABLE IF NOT EXISTS t ({wanted});\n{end}CREATE TABLE w (id int);\n")
    err = passed_over(project, *(how.split() if how.startswith("up") else ["up"]))
    place = f"migrations/1_t.up.sql:{3 if begin else 2}"
    assert "table public.t is there already, and is not what this statement makes; IF NOT EXISTS passes over it" in err, err
    assert all(text in err for text in says) and place in err, err
    assert sorted(database.tables()) == ["other", "t", "w"]


@pytest.mark.parametrize("wanted", ["(a text PRIMARY KEY, b serial, c varchar(3)[], CONSTRAINT k UNIQUE (b), FOREIGN KEY (b) REFERENCES other)",
                                    "(c varchar(3) ARRAY, b int4 GENERATED ALWAYS AS IDENTITY, a text REFERENCES nobody) WITH (fillfactor = 50)",
                                    "AS SELECT 1 AS z", "(LIKE t)"])
def test_a_table_of_these_columns_is(project, database, wanted):
    database.execute("CREATE TABLE other (x int PRIMARY KEY); CREATE TABLE t (a text, b int, gone int, c varchar(3)[]); ALTER TABLE t DROP gone")
    project.migration(1, "t", f"CREATE TABLE IF NOT EXISTS public.t {wanted};\nCREATE TABLE IF NOT EXISTS w (id int);\nCREATE TABLE IF NOT EXISTS w (id int);\n")
    assert "what this statement makes" not in passed_over(project)
    assert "w" in database.tables()


SEQUENCES = {
    "other": ("CREATE SEQUENCE s AS int INCREMENT 2 MAXVALUE 99", "START 5 OWNED BY t.a INCREMENT BY 3 CYCLE",
              ["AS: there integer, in the statement bigint", "INCREMENT: there 2, in the statement 3", "CYCLE: there false, in the statement true"]),
    "same": ("CREATE SEQUENCE s START 7 CACHE 3; SELECT nextval('s')", "AS bigint CACHE 3 START WITH 7 OWNED BY public.t.a", []),
    "table": ("CREATE TABLE s (a int)", "", ["public.s is there already, and is no sequence"]),
}


@pytest.mark.parametrize("which", SEQUENCES)
def test_a_sequence_that_is_there_already(project, database, which):
    there, wanted, says = SEQUENCES[which]
    database.execute(f"CREATE TABLE t (a int); {there}")
    project.migration(1, "s", f"CREATE SEQUENCE IF NOT EXISTS s {wanted};\n")
    err = passed_over(project)
    assert all(text in err for text in says) and ("is there already" in err) == bool(says), err


def test_a_view_that_has_the_name_of_a_table(project, database):
    database.execute("CREATE SCHEMA \"a b\"; CREATE VIEW \"a b\".\"T t\" AS SELECT 1 AS id")
    project.migration(1, "t", 'SET search_path = "a b";\nCREATE TABLE IF NOT EXISTS "T t" (id int);\n')
    err = passed_over(project)
    assert '"a b"."T t" is there already, and is no table; IF NOT EXISTS passes over it' in err and "1_t.up.sql:2" in err, err


def test_a_role_that_may_not_ask_hears_the_servers_word_alone(project, database):
    database.execute(f"CREATE TABLE t (a int); REVOKE TEMPORARY ON DATABASE \"{database.name}\" FROM PUBLIC")
    role = f"plain_{database.name}"
    database.execute(f"CREATE ROLE {role} LOGIN; GRANT CREATE ON DATABASE \"{database.name}\" TO {role}; GRANT CREATE, USAGE ON SCHEMA public TO {role}")
    try:
        project.migration(1, "t", "CREATE TABLE IF NOT EXISTS t (b int);\nCREATE TABLE w (id int);\n")
        err = project.godwit("up", code=0, url=database.url_for(role)).err
        assert "already exists, skipping" in err and "what this statement makes" not in err
        assert "w" in database.tables()
    finally:
        database.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
