"""push: the database becomes what a declared schema says, or nothing happens."""
import pytest

from harness.waiting import until

AWKWARD = '"we ""quoted"" é"'


def push(project, *words, schema="schema.sql", **options):
    return project.godwit("push", schema, *words, **options)


def test_push_makes_it_equal_and_says_so_in_the_history(project, database):
    project.write("schema.sql", f"CREATE TABLE {AWKWARD} (id int PRIMARY KEY, n text NOT NULL DEFAULT 'x');")
    result = push(project, "--yes", code=0)
    assert f"CREATE TABLE public.{AWKWARD}" in result.out
    assert database.execute("SELECT count(*) FROM pg_class WHERE relname = 'we \"quoted\" é'") == [(1,)]
    assert "nothing to do" in push(project, code=0).out
    event, = [e for e in project.godwit("history", "--json", code=0).json["events"] if e["action"] == "push"]
    assert event["outcome"] == "ok" and event["data"]["schema"] == "schema.sql" and event["data"]["sql"]


def test_nobody_to_ask_is_a_refusal(project, database):
    project.write("schema.sql", "CREATE TABLE t (id int);")
    assert "--yes" in push(project, code=5).err
    assert database.tables() == []


def test_a_dry_run_changes_nothing(project, database):
    project.write("schema.sql", "CREATE TABLE t (id int);")
    result = push(project, "--dry-run", code=0)
    assert "CREATE TABLE public.t" in result.out and "nothing was changed" in result.out
    assert database.tables() == []
    assert database.execute("SELECT to_regnamespace('godwit')") == [(None,)]


def test_losses_are_counted_in_the_real_database(project, database):
    database.execute("""
        CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
        CREATE TABLE gone (id int); INSERT INTO gone SELECT generate_series(1, 7);
        CREATE TABLE empty_one (id int);
        CREATE TABLE t (id int, dropped text, short text, n bigint, m mood, plain text DEFAULT 'a');
        INSERT INTO t VALUES (1, 'a', 'abcdef', 5, 'sad'), (2, NULL, 'abc', 5000000000, 'ok'),
                             (3, 'c', NULL, NULL, 'sad'), (4, NULL, 'abcd', 1, 'happy');
    """)
    project.write("schema.sql", "CREATE TYPE mood AS ENUM ('ok', 'happy');"
                                "CREATE TABLE t (id int, short varchar(3), n int, m mood, plain text);")
    result = push(project, "--yes", "--json", code=5)
    loss = {(one["kind"], one["object"]): one["rows"] for one in result.json["data_loss"]}
    assert loss == {("dropped_table", "public.gone"): 7, ("dropped_table", "public.empty_one"): 0,
                    ("dropped_column", "public.t.dropped"): 2, ("changed_type", "public.t.short"): 2,
                    ("changed_type", "public.t.n"): 1, ("shortened_enum", "public.t.m"): 2,
                    ("removed_default", "public.t.plain"): None}
    assert "--allow-data-loss" in result.json["error"]["hint"]
    assert set(database.tables()) == {"gone", "empty_one", "t"}


def test_an_empty_table_is_no_loss(project, database):
    database.execute("CREATE TABLE empty_one (id int)")
    project.write("schema.sql", "CREATE TABLE other (id int);")
    push(project, "--yes", code=0)
    assert "empty_one" not in database.tables()


def test_allowed_losses_happen(project, database):
    database.execute("CREATE TABLE t (id int, gone text); INSERT INTO t VALUES (1, 'x')")
    project.write("schema.sql", "CREATE TABLE t (id int);")
    assert "1 value" in push(project, "--yes", code=5).err
    push(project, "--yes", "--allow-data-loss", code=0)
    assert database.execute("SELECT * FROM t") == [(1,)]


def test_nulls_in_the_way_of_not_null_are_said_before(project, database):
    database.execute("CREATE TABLE t (id int, n text); INSERT INTO t VALUES (1, NULL), (2, 'x')")
    project.write("schema.sql", "CREATE TABLE t (id int, n text NOT NULL);")
    assert "1 null" in push(project, "--yes", code=1).err


@pytest.mark.slow
def test_renames_keep_rows(project, database):
    database.execute(f"CREATE TABLE {AWKWARD} (id serial PRIMARY KEY, a text CHECK (a <> ''));"
                     f"INSERT INTO {AWKWARD} (a) VALUES ('kept')")
    project.write("schema.sql", "CREATE TABLE t (id serial PRIMARY KEY, b text, CONSTRAINT t_b_check CHECK (b <> ''));")
    said = push(project, "--dry-run", "--rename", f"{AWKWARD}=t", code=0)
    assert "if it was renamed" in said.err
    quoted = AWKWARD
    result = push(project, "--yes", "--rename", f"{quoted}=t", "--rename", f"public.{quoted}.a=b", code=0)
    assert database.execute("SELECT b FROM t") == [("kept",)]
    assert "DROP" not in result.out.replace("DROP CONSTRAINT", "")
    assert database.execute("SELECT count(*) FROM pg_class WHERE relname IN ('t_pkey', 't_id_seq')") == [(2,)]


def test_hints_in_the_file_rename_and_may_stay(project, database):
    database.execute("CREATE TABLE users (id int PRIMARY KEY, name text, mail text);"
                     "INSERT INTO users VALUES (1, 'kept', 'kept too')")
    project.write("schema.sql", """
        -- godwit: renamed from users
        CREATE TABLE accounts (
            id int PRIMARY KEY,
            -- godwit: renamed from name
            full_name text,
            email text -- godwit: renamed from mail
        );
    """)
    push(project, "--yes", code=0)
    assert database.execute("SELECT full_name, email FROM accounts") == [("kept", "kept too")]
    assert "nothing to do" in push(project, "--yes", code=0).out


def test_a_rename_of_nothing_is_wrong_usage(project, database):
    project.write("schema.sql", "CREATE TABLE t (id int);")
    assert "nothing in" in push(project, "--rename", "no=t", code=2).err
    assert "OLD=NEW" in push(project, "--rename", "no", code=2).err


def test_a_failing_statement_leaves_nothing(project, database):
    database.execute("CREATE TABLE t (id int); INSERT INTO t VALUES (1), (1)")
    project.write("schema.sql", "CREATE TABLE before_it (id int); CREATE TABLE t (id int PRIMARY KEY);")
    result = push(project, "--yes", code=1)
    assert "could not create unique index" in result.err and "rolled back" in result.err
    assert database.tables() == ["t"]
    events = project.godwit("history", "--json", code=0).json["events"]
    assert [e["outcome"] for e in events if e["action"] == "push"] == ["failed"]


def test_a_lock_is_waited_for_and_tried_again(project, database):
    database.execute("CREATE TABLE t (id int)")
    project.write("schema.sql", "CREATE TABLE t (id int, n int);")
    other = database.connect(autocommit=False)
    other.cursor().execute("LOCK TABLE t IN ACCESS SHARE MODE")
    running = project.start("--yes", "push", "schema.sql", env={"GODWIT_LOCK_TIMEOUT": "100ms"})
    until(lambda: database.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                                   " AND query LIKE 'ALTER TABLE%'") == [(1,)])
    other.rollback()
    running.finish(code=0)
    gone = project.godwit("push", "schema.sql", "--dry-run", code=0)
    assert "nothing to do" in gone.out


def test_another_run_keeps_it_out(project, database):
    project.migration(1, "slow", "CREATE TABLE slow (id int); SELECT pg_sleep(600);")
    project.write("schema.sql", "CREATE TABLE t (id int);")
    up = project.start("up")
    until(lambda: database.execute("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%'"
                                   " AND state = 'active' AND pid <> pg_backend_pid()") == [(1,)])
    assert "slow" not in push(project, "--yes", "--wait", "1ms", code=7).out
    up.kill()
    database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%'"
                     " AND pid <> pg_backend_pid()")


@pytest.mark.slow
def test_a_push_that_is_killed_goes_on(project, database):
    """kill -9 while an index is built concurrently: what it left is mended by the next one."""
    database.execute("CREATE TABLE t (id int, k int); INSERT INTO t SELECT i, i FROM generate_series(1, 1000) i")
    project.write("schema.sql", "CREATE TABLE t (id int, k int, n int); CREATE INDEX t_k ON t (k);")
    blocker = database.connect(autocommit=False)
    blocker.cursor().execute("SELECT * FROM t WHERE id = 1 FOR UPDATE")
    running = project.start("--yes", "push", "schema.sql", "--concurrently", env={"GODWIT_LOCK_TIMEOUT": "100ms"})
    until(lambda: database.execute("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND"
                                   " (query LIKE 'CREATE INDEX CONCURRENTLY%' OR query LIKE 'ALTER TABLE%')") == [(1,)])
    running.kill()
    blocker.rollback()
    until(lambda: database.execute("SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
                                   " AND pid <> pg_backend_pid() AND backend_type = 'client backend'") == [(0,)])
    push(project, "--yes", "--concurrently", code=0)
    assert database.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = 't_k'::regclass") == [(True,)]
    assert "nothing to do" in push(project, code=0).out


def test_ddl_of_others_between_plan_and_run(project, database):
    project.write("schema.sql", "CREATE TABLE t (id int);")
    project.migration(1, "other", "CREATE TABLE by_another_run (id int); SELECT pg_advisory_xact_lock(42);")
    other = database.connect()
    other.cursor().execute("SELECT pg_advisory_lock(42)")
    up = project.start("up")
    until(lambda: database.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 42"
                                   " AND NOT granted") == [(1,)])
    running = project.start("--yes", "push", "schema.sql", "--wait", "30s")
    until(lambda: "waiting" in running.said())
    other.cursor().execute("SELECT pg_advisory_unlock(42)")
    up.finish(code=0)
    assert "is another by now" in running.finish(code=1).err
    assert database.tables() == ["by_another_run"]


def test_rows_that_come_after_the_counting_are_not_lost(project, database):
    """A table is empty when the plan is made; a row comes in while the run waits for its lock."""
    database.execute("CREATE TABLE t (id int)")
    project.write("schema.sql", "CREATE TABLE other (id int);")
    writer = database.connect(autocommit=False)
    writer.cursor().execute("INSERT INTO t VALUES (1)")
    running = project.start("--yes", "push", "schema.sql", env={"GODWIT_LOCK_TIMEOUT": "20s"})
    until(lambda: database.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                                   " AND query LIKE 'LOCK TABLE%'") == [(1,)])
    writer.commit()
    assert "would lose data" in running.finish(code=5).err
    assert database.execute("SELECT * FROM t") == [(1,)]


def test_a_new_value_of_an_enum_is_committed_before_it_is_used(project, database):
    database.execute("CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE t (m mood DEFAULT 'ok')")
    project.write("schema.sql", "CREATE TYPE mood AS ENUM ('ok', 'new'); CREATE TABLE t (m mood DEFAULT 'new');")
    push(project, "--yes", code=0)
    assert database.execute("INSERT INTO t DEFAULT VALUES RETURNING m::text") == [("new",)]


def test_a_protected_environment_asks_for_its_name(project, database):
    project.config({"project": "p", "environments": {"prod": {"url": database.url, "protected": True}}})
    project.write("schema.sql", "CREATE TABLE t (id int);")
    assert "--protected prod" in push(project, "--yes", code=5).err
    push(project, "--yes", "--protected", "prod", code=0)


EVIL = """
CREATE ROLE evil_role SUPERUSER;
ALTER ROLE postgres SET work_mem = '77MB';
CREATE DATABASE evil_database;
ALTER SYSTEM SET work_mem = '77MB';
CREATE SUBSCRIPTION evil_subscription CONNECTION 'host=127.0.0.1 dbname=x' PUBLICATION p WITH (connect = false);
CREATE TABLE t (id int);
"""


@pytest.mark.parametrize("statement", [
    "COPY t FROM PROGRAM 'touch %s'", "SELECT pg_create_physical_replication_slot('evil')",
    "CREATE EXTENSION dblink; SELECT dblink_connect('host=127.0.0.1 dbname=postgres')",
    "DO $$ BEGIN EXECUTE 'ALTER ' || 'ROLE postgres SET work_mem = ''78MB'''; END $$"])
def test_no_statement_of_a_file_reaches_the_target_s_server(project, database, server, tmp_path, statement):
    witness = tmp_path / "witness"
    project.write("schema.sql", EVIL + (statement % witness if "%s" in statement else statement) + ";")
    project.migration(1, "evil", EVIL + (statement % witness if "%s" in statement else statement) + ";")
    before = server.execute("SELECT rolname, rolconfig FROM pg_roles ORDER BY 1"), database.tables()
    project.godwit("push", "schema.sql", "--dry-run")
    project.godwit("diff", "--from", "migrations", "--to", "database")
    project.godwit("diff", "--from", "schema.sql", "--to", "migrations")
    assert (server.execute("SELECT rolname, rolconfig FROM pg_roles ORDER BY 1"), database.tables()) == before
    assert server.execute("SELECT count(*) FROM pg_database WHERE datname LIKE 'evil%' OR datname LIKE 'godwit_shadow%'") == [(0,)]
    assert server.execute("SELECT count(*) FROM pg_replication_slots") == [(0,)]
    assert not witness.exists()
    assert server.execute("SELECT count(*) FROM pg_file_settings WHERE setting = '77MB'") == [(0,)]
