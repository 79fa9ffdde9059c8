"""A file outside a transaction that goes on in the middle stands in the session that it had: what it set by plain SETs is
set again, and where it set anything else, it does not go on without that."""
import pytest

from harness.blocking import holding, until_blocked
from harness.waiting import until

NO_TX = "-- godwit: no-transaction\n"
INDEX = "CREATE UNIQUE INDEX CONCURRENTLY i ON public.t (i);\n"
INDIRECT = {
    "block": "DO $$ BEGIN EXECUTE 'SET search_path = foo'; END $$;",
    "view": "UPDATE pg_settings SET setting = 'foo' WHERE name = 'search_path';",
    "function": "SELECT public.setp();",
    "in a block of the file": "BEGIN; SELECT public.setp(); COMMIT;",
    "named otherwise": """SELECT "public".setp() FROM (VALUES (1), (2)) "Ünï 'x'" (n);""",
}


@pytest.fixture
def foo(database):
    database.execute("""CREATE SCHEMA foo; CREATE TABLE t (i int); INSERT INTO t VALUES (1), (1);
        CREATE FUNCTION setp() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('search_path', 'foo', false); END $$;
        CREATE FUNCTION local() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('search_path', 'foo', true);
            PERFORM set_config('app.user', 'it''s me', true); END $$""")
    return lambda: database.execute("SELECT schemaname FROM pg_tables WHERE tablename = 'x1'")


def refused(project, *words):
    return project.godwit(*words, "--json", code=1).json["error"]


def fail_once(project, database, before, behind="CREATE TABLE x1 ();"):
    """The index fails for its doubles; then they are gone."""
    project.migration(1, "steps", f"{NO_TX}{before}\n{INDEX}{behind}")
    assert refused(project, "up")["sqlstate"] == "23505"
    database.execute("TRUNCATE t")


@pytest.mark.parametrize("which", INDIRECT)
def test_what_was_set_behind_our_back_is_missed(project, database, foo, which):
    fail_once(project, database, INDIRECT[which])
    for _ in range(2):
        error = refused(project, "up")
        assert error["message"].startswith("this file cannot go on in the middle: settings that held behind statement")
        assert error["detail"].startswith("search_path: only what plain SET") and "godwit repair 1 --forget" in error["hint"]
        assert error["where"].endswith("1_steps.up.sql:3:1")
    assert foo() == []
    project.godwit("repair", "1", "--forget", code=0)
    project.godwit("up", code=0)
    assert foo() == [("foo",)]


def test_without_a_failure_nothing_is_in_the_way(project, database, foo):
    database.execute("TRUNCATE t")
    project.migration(1, "steps", f"{NO_TX}{INDIRECT['block']}\n{INDEX}CREATE TABLE x1 ();")
    project.godwit("up", code=0)
    assert foo() == [("foo",)]


def test_the_rest_as_a_file_of_its_own(project, database, foo):
    """The way out that does nothing again."""
    fail_once(project, database, INDIRECT["function"])
    assert "cut the file off behind statement 1" in refused(project, "up")["hint"]
    project.migration(1, "steps", f"{NO_TX}{INDIRECT['function']}\n")
    project.godwit("repair", "1", "--done", code=0)
    project.migration(2, "rest", f"{NO_TX}SET search_path = foo;\n{INDEX}CREATE TABLE x1 ();")
    project.godwit("up", code=0)
    assert foo() == [("foo",)] and project.states() == {"1": "applied", "2": "applied"}


@pytest.mark.parametrize("before", [
    "SELECT 1;",
    "SET search_path = foo;",
    "SELECT pg_catalog.set_config('search_path', 'foo', false);",
    "SET app.name = 'x'; SET search_path = foo; SET statement_timeout = '1h'; SET lock_timeout = 0;",
    INDIRECT["block"] + " SET search_path = foo;",
    INDIRECT["function"] + " RESET search_path;",
    "SELECT public.local();",
    "BEGIN ISOLATION LEVEL SERIALIZABLE; SET LOCAL search_path = foo; SELECT public.local(); SET LOCAL lock_timeout = '9s'; COMMIT;",
    "BEGIN READ ONLY; SET LOCAL search_path = foo; SELECT 1; COMMIT;",
    "BEGIN; SET LOCAL search_path = foo; SELECT public.setp(); ROLLBACK;",
])
def test_what_holds_again_by_itself_is_not(project, database, foo, before):
    fail_once(project, database, before)
    project.godwit("up", code=0)
    assert foo() == [("foo" if before.rstrip(";").endswith(("foo", "false)", "lock_timeout = 0")) else "public",)]


def test_a_role_taken_on_behind_our_back(project, database, foo):
    role = database.role("GRANT ALL ON SCHEMA public, foo TO {role}", options="NOLOGIN")
    database.execute(f'ALTER TABLE t OWNER TO "{role}"')
    text = f"DO $$ BEGIN EXECUTE 'SET ROLE \"{role}\"'; END $$;"
    fail_once(project, database, text)
    assert refused(project, "up")["detail"].startswith("role: ")
    project.godwit("repair", "1", "--forget", code=0)
    database.execute("INSERT INTO t VALUES (1), (1)")
    fail_once(project, database, f'SET ROLE "{role}";\n{text}')
    project.godwit("up", code=0)
    assert database.value("SELECT tableowner FROM pg_tables WHERE tablename = 'x1'") == role


def test_what_comes_behind_a_file_that_is_done_is_not_asked(project, database, foo):
    fail_once(project, database, "SELECT 1;", behind=f"{INDIRECT['function']}")
    project.godwit("up", code=0)
    assert project.states() == {"1": "applied"}


def test_after_kill_9_and_no_value_is_kept(project, database, foo):
    database.execute("TRUNCATE t; CREATE FUNCTION pass() RETURNS void LANGUAGE sql AS"
                     " $$ SELECT set_config('application_name', 'very secret', false); SELECT set_config('DateStyle', 'German', false) $$")
    project.migration(1, "steps", f"{NO_TX}SELECT public.pass();\n{INDEX}CREATE TABLE x1 ();")
    with holding(database, "LOCK TABLE t"):
        running = project.start("up")
        backend, = until_blocked(database, running)
        running.kill()
        running.process.wait()
        database.execute("SELECT pg_terminate_backend(%s)", [backend])
        until(lambda: not database.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [backend]), what="its end")
    for _ in range(2):
        assert refused(project, "up")["detail"].startswith(("application_name, DateStyle: ", "DateStyle, application_name: "))
    intent = database.value("SELECT intent::text FROM godwit.migrations")
    assert "application_name" in intent and "secret" not in intent and "CREATE UNIQUE INDEX" in intent
    assert database.value("SELECT count(*) FROM pg_class WHERE relname IN ('i', 'x1')") <= 1


def test_a_tenants_search_path_is_godwits(make_project, database, foo):
    database.execute('CREATE SCHEMA "tenant_Ä b"; ALTER TABLE t SET SCHEMA "tenant_Ä b"')
    project = make_project()
    project.config({"project": "test", "migrations": "migrations", "default": "test", "environments": {
        "test": {"url": database.url, "for_each": {"schemas": "tenant_%"}}}})
    project.migration(1, "steps", f"{NO_TX}CREATE TABLE a ();\n{INDEX.replace('public.', '')}CREATE TABLE x1 ();")
    assert project.godwit("up").code == 1
    database.execute('TRUNCATE "tenant_Ä b".t')
    project.godwit("up", code=0)
    assert foo() == [("tenant_Ä b",)]
