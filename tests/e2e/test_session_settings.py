"""What a session may be like: settings of role, database and server, row-level security, who it acts as."""
import pytest

from harness.waiting import until

MIGRATOR = ("GRANT CREATE ON DATABASE {database} TO {role}", "GRANT ALL ON SCHEMA public TO {role}")
TABLES = ("control", "events", "migrations", "run_lock")
LAZY = ("synchronous_commit = off\nwal_writer_delay = 10s\nwal_writer_flush_after = 0\nautovacuum = off\n"
        "checkpoint_timeout = 1h\nbgwriter_lru_maxpages = 0\n")


# ---- settings that a file gives to role and database ------------------------------------------

GIVE = {"a block": "CREATE SCHEMA app;\nDO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = app', current_database()); END $$;",
        "steps": "-- godwit: no-transaction\nCREATE SCHEMA app;\nALTER ROLE CURRENT_USER SET search_path = app;\nSELECT 1;\n",
        "piped": "CREATE SCHEMA app;\nALTER ROLE CURRENT_USER SET search_path = app;"}


@pytest.mark.parametrize("how", GIVE)
def test_settings_that_a_file_gives_hold_for_the_next_file(make_project, database, how):
    role = database.role(*MIGRATOR)
    project = make_project(database.url_for(role))
    database.execute(f'ALTER DATABASE "{database.name}" OWNER TO "{role}"')
    project.migration(1, "first", "CREATE TABLE t1 (id int);")
    project.migration(2, "gives", GIVE[how])
    project.migration(3, "whole", "CREATE TABLE t3 (id int);")
    project.migration(4, "steps", "-- godwit: no-transaction\nCREATE TABLE t4 (id int);\nCREATE INDEX CONCURRENTLY i4 ON t4 (id);\n")
    project.migration(5, "takes", "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET search_path', current_database()); END $$;\n"
                                  "ALTER ROLE CURRENT_USER RESET search_path;")
    project.migration(6, "last", "CREATE TABLE t6 (id int);")
    project.godwit("up", code=0)
    assert database.tables("app") == ["t3", "t4"] and database.tables() == ["t1", "t6"]


def test_settings_that_a_file_gives_hold_for_each_tenant(make_project, database):
    project = make_project(database.url)
    database.execute("CREATE SCHEMA tenant_a; CREATE SCHEMA tenant_b; CREATE SCHEMA tenant_c")
    project.config({"project": "t", "migrations": "migrations", "default": "x", "environments": {
        "x": {"url": database.url, "for_each": {"schemas": "tenant_%", "jobs": 1}}}})
    project.migration(1, "gives", "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = ''77MB''', current_database()); END $$;")
    project.migration(2, "seen", "CREATE TABLE seen AS SELECT current_setting('work_mem') AS work_mem;")
    project.godwit("up", code=0)
    for tenant in "abc":
        assert database.value(f"SELECT work_mem FROM tenant_{tenant}.seen") == "77MB"


# ---- read-only sessions ------------------------------------------------------------------------

READS = ("-- godwit: no-transaction\nCREATE TABLE a (id int);\nSET default_transaction_read_only = on;\n"
         "SELECT count(*) FROM a;\nBEGIN;\nSELECT 1;\nCOMMIT;\nBEGIN READ WRITE;\nCREATE TABLE b (id int);\nCOMMIT;\n")


def test_a_file_whose_session_only_reads_for_a_while(project, database):
    project.migration(1, "reads", READS + "SET default_transaction_read_only = off;\nCREATE TABLE c (id int);\n")
    project.migration(2, "after", "CREATE TABLE d (id int);")
    project.godwit("up", code=0)
    assert database.tables() == ["a", "b", "c", "d"] and project.states() == {"1": "applied", "2": "applied"}


def test_a_write_in_a_session_that_only_reads_is_the_files_own_error(project, database):
    project.migration(1, "reads", READS + "CREATE TABLE c (id int);\n")
    refused = project.godwit("up", code=1)
    assert "1_reads.up.sql:11:" in refused.err and "read-only transaction" in refused.err
    assert "9 of 10 statements are done" in refused.err
    project.migration(1, "reads", READS + "SET default_transaction_read_only = off;\nCREATE TABLE c (id int);\n")
    project.godwit("up", code=0)
    assert database.tables() == ["a", "b", "c"]


# ---- a crash of a server that does not wait for its disk ---------------------------------------

@pytest.fixture
def lazy(make_project, make_server):
    """What a file does outside stands in a file of the server's folder."""
    server = make_server(LAZY)
    database = server.create_database()
    project = make_project(database.url)
    project.lasted = server.data / "lasted"
    return server, database, project


def crash(server, database, project, *words):
    holder = database.connect()
    holder.cursor().execute("SELECT pg_advisory_lock(7)")
    run = project.start("up", *words)
    until(lambda: database.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7 AND NOT granted")
          or run.process.poll() is not None, what="the file to wait")
    server.kill()
    run.finish(code=(1, 4))
    server.start()


@pytest.mark.parametrize("words", [(), ("--atomic",)])
def test_what_a_transaction_did_outside_is_known_after_a_crash(lazy, words):
    server, database, project = lazy
    project.migration(1, "first", "CREATE TABLE t (id int);")
    project.godwit("up", code=0)
    database.execute("CHECKPOINT")
    project.migration(2, "outside", "COPY (SELECT 1) TO PROGRAM 'cat >> lasted';\nSELECT pg_advisory_xact_lock(7);")
    crash(server, database, project, *words)
    assert project.lasted.read_text() == "1\n"
    asked = project.godwit("up", *words, code=1)
    assert "repair" in asked.err and "2_outside.up.sql:1" in asked.err
    assert project.lasted.read_text() == "1\n"


def test_what_a_step_did_outside_is_not_repeated_after_a_crash(lazy):
    server, database, project = lazy
    project.migration(1, "first", "CREATE TABLE t (id int);")
    project.godwit("up", code=0)
    database.execute("CHECKPOINT")
    project.migration(2, "outside", "-- godwit: no-transaction\nCOPY (SELECT 1) TO PROGRAM 'cat >> lasted';\n"
                                    "SELECT pg_advisory_xact_lock(7);\nSELECT 1;\n")
    crash(server, database, project)
    project.godwit("up", code=0)
    assert project.lasted.read_text() == "1\n"


# ---- row-level security on Godwit's own tables ---------------------------------------------------

@pytest.fixture
def guarded(make_project, database):
    """Applied by the owner of the tables; run again by a role that has every right to them."""
    role = database.role(*MIGRATOR)
    project = make_project(database.url)
    project.migration(1, "one", "CREATE TABLE t1 (id int);")
    project.godwit("up", code=0)
    database.execute(f'GRANT USAGE ON SCHEMA godwit TO "{role}"; GRANT ALL ON ALL TABLES IN SCHEMA godwit TO "{role}"')
    project.config({"project": "t", "migrations": "migrations", "default": "x",
                    "environments": {"x": {"url": database.url_for(role)}}})
    project.role = role
    return project


@pytest.mark.parametrize("table", TABLES)
def test_hidden_rows_are_an_error(guarded, database, table):
    guarded.godwit("status", "--check", code=0)
    database.execute(f"ALTER TABLE godwit.{table} ENABLE ROW LEVEL SECURITY")
    guarded.migration(2, "two", "CREATE TABLE t2 (id int);")
    for words in (["up"], ["status"], ["down", "--yes"], ["verify"], ["history"]):
        refused = guarded.godwit(*words, code=1)
        assert "row-level security" in refused.err and f"enabled on {table} in schema godwit" in refused.err, words
        assert f'ALTER ROLE "{guarded.role}" BYPASSRLS' in refused.err
    assert database.tables() == ["t1"]
    database.execute(f'ALTER ROLE "{guarded.role}" BYPASSRLS')
    guarded.godwit("up", code=0)
    assert database.tables() == ["t1", "t2"]


def test_row_level_security_that_does_not_bind_the_role_is_none(project, database):
    project.migration(1, "one", "CREATE TABLE t1 (id int);")
    project.godwit("up", code=0)
    for table in TABLES:
        database.execute(f"ALTER TABLE godwit.{table} ENABLE ROW LEVEL SECURITY; ALTER TABLE godwit.{table} FORCE ROW LEVEL SECURITY")
    project.migration(2, "two", "SET row_security = off;\nCREATE TABLE t2 (id int);")
    project.godwit("up", code=0)
    assert project.states() == {"1": "applied", "2": "applied"}


# ---- who it acts as ------------------------------------------------------------------------------

def test_what_to_grant_names_the_role_that_acts(make_project, database):
    group, login = database.role(options="NOLOGIN"), database.role()
    database.execute(f'GRANT "{group}" TO "{login}"; ALTER ROLE "{login}" SET role = "{group}"')
    project = make_project(database.url_for(login))
    project.migration(1, "one", "SELECT 1;")
    first = project.godwit("up", code=1)
    assert f'GRANT CREATE ON DATABASE "{database.name}" TO "{group}"' in first.err and login not in first.err.split("hint")[1]
    other = make_project(database.url)
    other.migration(1, "one", "SELECT 1;")
    other.godwit("up", code=0)
    for words in (["status"], ["up"]):
        refused = project.godwit(*words, code=1)
        assert f'GRANT USAGE ON SCHEMA godwit TO "{group}"' in refused.err, words
