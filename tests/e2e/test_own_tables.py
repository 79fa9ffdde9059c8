"""Godwit's own tables, where something else has been at them: a copy without rows, an event trigger, one that is gone."""
import subprocess

import pytest

from harness.ledgerflow import needs_pg_dump


@pytest.fixture
def one(project):
    project.migration(1, "one", "CREATE TABLE one (id int);", "DROP TABLE one;")
    return project


@pytest.fixture
def hollow(one, database):
    """What pg_dump --schema-only makes of a database: every table, and no row."""
    one.godwit("up", code=0)
    database.execute("SET godwit.retention = on; ALTER TABLE godwit.events DISABLE TRIGGER ALL;"
                     "TRUNCATE godwit.control, godwit.migrations, godwit.events, godwit.run_lock;"
                     "ALTER TABLE godwit.events ENABLE TRIGGER ALL")
    return one


@pytest.mark.parametrize("words", [["up"], ["status"], ["down"], ["baseline", "1"], ["repair"], ["up", "--dry-run"]], ids=" ".join)
def test_a_copy_of_the_schema_alone_is_told_what_it_is(words, hollow):
    failed = hollow.godwit(*words, code=1)
    assert "none of them has a row" in failed.err and "--schema-only" in failed.err
    assert "DROP SCHEMA godwit CASCADE" in failed.err and "godwit baseline V" in failed.err


def test_the_way_out_of_such_a_copy(hollow, database):
    database.execute("DROP SCHEMA godwit CASCADE")
    hollow.godwit("baseline", "1", code=0)
    assert hollow.states() == {"1": "applied"}
    assert hollow.godwit("up", "--json", code=0).json["applied"] == []


def test_a_real_copy_of_the_schema_alone(one, database, make_database, make_project):
    needs_pg_dump(database.server)
    one.godwit("up", code=0)
    copy = make_database()
    dump = subprocess.run(["pg_dump", "--schema-only", "-d", database.url], capture_output=True, check=True).stdout
    subprocess.run(["psql", "-qX", "-d", copy.url], input=dump, check=True, stdout=subprocess.DEVNULL)
    failed = one.godwit("up", url=copy.url, code=1)
    assert "none of them has a row" in failed.err


def test_where_only_the_row_of_the_version_is_gone(one, database):
    one.godwit("up", code=0)
    database.execute("DELETE FROM godwit.control")
    failed = one.godwit("up", code=1)
    assert "godwit.control has lost its row" in failed.err and "migrations" in failed.err and "INSERT INTO" in failed.err
    assert "DROP SCHEMA" not in failed.err
    database.execute(failed.err[failed.err.index("INSERT INTO"):].splitlines()[0])
    assert one.states() == {"1": "applied"}


def test_a_run_lock_without_its_row_gets_it_back(one, database):
    one.godwit("up", code=0)
    database.execute("DELETE FROM godwit.run_lock")
    one.migration(2, "two", "CREATE TABLE two (id int);")
    one.godwit("up", "--wait", "0s", code=0)
    assert database.value("SELECT count(*) FROM godwit.run_lock WHERE token IS NULL") == 1


def test_an_event_trigger_with_bare_names_is_named(one, database):
    database.execute("CREATE TABLE ddl_log (tag text);"
                     "CREATE FUNCTION note_ddl() RETURNS event_trigger LANGUAGE plpgsql AS"
                     " $$ BEGIN INSERT INTO ddl_log VALUES (tg_tag); END $$;"
                     "CREATE EVENT TRIGGER watch_ddl ON ddl_command_end EXECUTE FUNCTION note_ddl()")
    failed = one.godwit("up", code=1)
    assert "ddl_log" in failed.err and "event trigger watch_ddl" in failed.err
    assert "ALTER FUNCTION public.note_ddl() SET search_path = public" in failed.err
    assert database.value("SELECT to_regnamespace('godwit')") is None
    database.execute("ALTER FUNCTION public.note_ddl() SET search_path = public")
    one.godwit("up", code=0)


@pytest.mark.parametrize("words", [[], ["--atomic"]])
def test_a_table_of_godwits_that_is_gone_is_not_the_files_fault(words, one, database):
    one.godwit("up", code=0)
    database.execute("DROP TABLE godwit.events")
    one.migration(2, "two", "CREATE TABLE two (id int);")
    failed = one.godwit("up", *words, code=1)
    assert "schema godwit is not whole" in failed.err and "godwit.events is not" in failed.err
    assert "a statement of this file" not in failed.err
    assert database.tables() == ["one"]


LATE = ("CREATE CONSTRAINT TRIGGER late AFTER INSERT ON two DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
        " EXECUTE FUNCTION forgets(); INSERT INTO two VALUES (1);")


@pytest.mark.parametrize("words, text", [
    ([], LATE), (["--atomic"], LATE), ([], LATE + " COPY public.one FROM stdin;\n1\n\\.\n"),
    ([], "SET search_path = godwit; DELETE FROM migrations;"),
    ([], "SELECT set_config('search_path', 'godwit', true); TRUNCATE migrations;"),
    (["--atomic"], "DO $$ BEGIN PERFORM forget(); END $$;"),
    ([], "SELECT forget(); COPY public.one FROM stdin;\n1\n\\.\n"),
    ([], "DO $$ BEGIN SET LOCAL search_path = godwit; UPDATE migrations SET name = 'x'; END $$; SET ROLE pg_monitor;")])
def test_what_no_text_shows_is_seen_by_its_effect(words, text, one, database):
    one.godwit("up", code=0)
    database.execute("CREATE FUNCTION forget() RETURNS void LANGUAGE plpgsql AS"
                     " $$ BEGIN EXECUTE concat('DELETE FROM ', 'god', 'wit.migrations'); END $$;"
                     "CREATE FUNCTION forgets() RETURNS trigger LANGUAGE plpgsql AS"
                     " $$ BEGIN PERFORM forget(); RETURN NULL; END $$")
    before = database.execute("SELECT m::text FROM godwit.migrations m")
    one.migration(2, "two", f"CREATE TABLE two (id int);\n{text}")
    error = one.godwit("up", "--allow-data-loss", *words, "--json", code=5).json["error"]
    assert "godwit.migrations" in error["message"] and "rolled back" in error["detail"]
    assert database.execute("SELECT m::text FROM godwit.migrations m") == before
    assert database.tables() == ["one"]
    # A file that reads them, and changes much else, runs: the next one too, whose session has written a row.
    one.migration(2, "two", "SELECT count(*) FROM godwit.migrations; CREATE TABLE two (id int); DO $$ BEGIN END $$;")
    one.migration(3, "three", "SET search_path = godwit; SELECT count(*) FROM migrations; INSERT INTO public.two VALUES (1);")
    one.godwit("up", "--allow-data-loss", *words, code=0)


@pytest.mark.parametrize("head", ["", "-- godwit: no-transaction\n", "-- godwit: batch one.id 5\n"])
def test_a_table_of_godwits_beside_the_history_stays_too(head, one, database):
    one.godwit("up", code=0)
    database.execute("ALTER TABLE one ADD PRIMARY KEY (id), ADD n int; INSERT INTO one VALUES (1);"
                     "CREATE FUNCTION run(text) RETURNS int LANGUAGE plpgsql AS $$ BEGIN EXECUTE $1; RETURN 1; END $$")
    for damage in ("DROP TABLE ', 'godwit.events", "TRUNCATE ', 'godwit.control, godwit.run_lock"):
        call = f"run(concat('{damage}'))"
        one.migration(2, "two", head + (f"UPDATE one SET n = {call} WHERE id BETWEEN $1 AND $2;" if "batch" in head
                                        else f"CREATE TABLE IF NOT EXISTS two ();\nSELECT {call};"))
        error = one.godwit("up", "--allow-data-loss", "--json", code=5).json["error"]
        assert "Godwit's own tables" in error["message"] and "rolled back" in error["detail"], error
        assert one.states() == {"1": "applied", "2": "failed"}
    one.godwit("repair", "2", "--forget", code=None)
    one.migration(2, "two", "CREATE TABLE IF NOT EXISTS two ();")
    one.godwit("up", code=0)
    assert one.states() == {"1": "applied", "2": "applied"}


def test_what_commits_by_itself_is_told_what_it_did(one, database):
    one.godwit("up", code=0)
    database.execute("CREATE PROCEDURE run(text) LANGUAGE plpgsql AS $$ BEGIN EXECUTE $1; COMMIT; END $$")
    for damage, said, rows in (("UPDATE ', 'godwit.migrations SET name = upper(name)", "changed the rows of", "has 1 now"),
                               ("TRUNCATE ', 'godwit.migrations", "changed the rows of", "has 0 now"),
                               ("DROP SCHEMA ', 'godwit CASCADE", "dropped or renamed", "and is gone")):
        one.migration(2, "two", f"-- godwit: no-transaction\nCALL run(concat('{damage}'));\nCREATE TABLE two ();")
        error = one.godwit("up", "--allow-data-loss", "--json", code=1).json["error"]
        assert f"CALL has {said} godwit.migrations" in error["message"] and rows in error["detail"], error
        assert "nothing of it was rolled back" in error["detail"] and error["where"].endswith(":2:1"), error
        assert "godwit baseline V" in error["hint"] and "two" not in database.tables()
        one.migration(2, "two", "CREATE TABLE two ();")
        one.godwit("repair", "2", "--forget")
        one.godwit("baseline", "1")
    one.migration(2, "two", "-- godwit: no-transaction\nCALL run('SET TimeZone = 5');\nCREATE TABLE two ();")
    one.godwit("up", code=0)
    assert one.states() == {"1": "applied", "2": "applied"}


def test_outside_a_transaction_each_statement_is_looked_at(one, database):
    one.godwit("up", code=0)
    database.execute("CREATE FUNCTION forget() RETURNS void LANGUAGE plpgsql AS"
                     " $$ BEGIN EXECUTE concat('DELETE FROM ', 'god', 'wit.migrations'); END $$")
    head = "-- godwit: no-transaction\nCREATE TABLE two (id int);\nSET search_path = godwit;\n"
    rows = "SELECT m::text FROM godwit.migrations m WHERE version = '1'"
    before = database.execute(rows)
    database.execute("CREATE FUNCTION forgets() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM public.forget(); RETURN NULL; END $$;"
                     "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON one DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION forgets()")
    for text, line in (("UPDATE migrations SET name = 'x';", 4), ("INSERT INTO public.one VALUES (1);", 4), ("SELECT public.forget();", 4),
                       ("BEGIN;\nINSERT INTO public.two VALUES (1);\nDELETE FROM migrations;\nCOMMIT;", 7)):
        one.migration(2, "two", head + text)
        error = one.godwit("up", "--allow-data-loss", "--json", code=5).json["error"]
        assert "rows of godwit.migrations" in error["message"] and error["where"].endswith(f":{line}:1"), error
        assert database.execute(rows) == before and database.value("SELECT count(*) FROM two") == 0
    one.migration(2, "two", head + "SELECT count(*) FROM migrations;\nBEGIN;\nINSERT INTO public.two VALUES (1);\nCOMMIT;")
    one.godwit("up", code=0)
    assert one.states() == {"1": "applied", "2": "applied"} and database.value("SELECT count(*) FROM two") == 1


@pytest.mark.parametrize("how", ["a trigger", "a deferred trigger", "a function"])
def test_each_range_of_a_batch_is_looked_at(how, one, database):
    one.godwit("up", code=0)
    database.execute("""
        CREATE TABLE items (id int PRIMARY KEY, n int NOT NULL DEFAULT 0);
        INSERT INTO items SELECT id FROM generate_series(1, 6) id;
        CREATE FUNCTION forget(at int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN
            IF at = 3 THEN EXECUTE concat('UPDATE god', 'wit.migrations SET name = ''x'''); END IF; RETURN 1; END $$;
        CREATE FUNCTION forgets() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM forget(NEW.id); RETURN NEW; END $$""")
    text = "UPDATE items SET n = n + 1"
    if how != "a function":
        late = how == "a deferred trigger"
        database.execute(f"CREATE {'CONSTRAINT' if late else ''} TRIGGER forgets AFTER UPDATE ON items"
                         f" {'DEFERRABLE INITIALLY DEFERRED' if late else ''} FOR EACH ROW EXECUTE FUNCTION forgets()")
    else:
        text = "UPDATE items SET n = n + forget(id)"
    one.migration(2, "two", f"-- godwit: batch items.id 2\n{text} WHERE id BETWEEN $1 AND $2;")
    error = one.godwit("up", "--allow-data-loss", "--json", code=5).json["error"]
    assert "rows of godwit.migrations" in error["message"] and error["where"].endswith(".sql:2:1"), error
    assert database.execute("SELECT id, n FROM items ORDER BY id")[:4] == [(1, 1), (2, 1), (3, 0), (4, 0)]
    assert database.value("SELECT count(*) FROM godwit.migrations WHERE name = 'x'") == 0
    # What is done stays; without it the rest is done.
    database.execute("CREATE OR REPLACE FUNCTION forget(at int) RETURNS int LANGUAGE sql AS 'SELECT 1'")
    one.godwit("up", "--allow-data-loss", code=0)
    assert one.states()["2"] == "applied" and database.value("SELECT min(n) + max(n) FROM items") == 2
