"""The whole life of a versioned migration: up, down, redo, status, verify, repair, baseline, new, dry run."""
import pathlib
import re
import subprocess

import psycopg2
import pytest

from harness.blocking import configure
from harness.ledgerflow import needs_pg_dump
from harness.tools import schema_of
from harness.waiting import until


def tables(project, *numbers):
    """A migration with its down for each number: table t1 and so on."""
    for n in numbers:
        project.migration(n, f"make_t{n}", f"CREATE TABLE t{n} (id int);", f"DROP TABLE t{n};")


@pytest.fixture
def three(project):
    tables(project, 1, 2, 3)
    return project


def applied(project, **options):
    return [v for v, state in project.states(**options).items() if state == "applied"]


# ---- up, down, redo ---------------------------------------------------------------------------


def test_up_and_down_in_steps_and_to_versions(three, database):
    three.godwit("up", "--steps", "1", code=0)
    assert database.tables() == ["t1"]
    three.godwit("up", "--to", "002", code=0)
    assert database.tables() == ["t1", "t2"]
    three.godwit("up", "--to", "2", code=0)
    three.godwit("up", code=0)
    assert database.tables() == ["t1", "t2", "t3"]
    assert "nothing to apply" in three.godwit("up", code=0).out

    three.godwit("down", code=0)
    assert database.tables() == ["t1", "t2"]
    three.godwit("up", code=0)
    three.godwit("down", "--steps", "2", code=0)
    assert database.tables() == ["t1"]
    three.godwit("up", code=0)
    three.godwit("down", "--to", "1", code=0)
    assert database.tables() == ["t1"]
    three.godwit("up", code=0)
    three.godwit("down", "--to", "0", code=0)
    assert database.tables() == [] and applied(three) == []
    three.godwit("down", code=0)
    assert database.value("SELECT count(*) FROM godwit.migrations") == 0


def test_redo(three, database):
    three.godwit("up", code=0)
    before = database.value("SELECT 't3'::regclass::oid::int")
    three.godwit("redo", code=0)
    assert database.value("SELECT 't3'::regclass::oid::int") != before
    assert applied(three) == ["1", "2", "3"]
    three.godwit("down", "--to", "0", code=0)
    assert "nothing is applied" in three.godwit("redo", code=1).err


def test_services_of_one_database(make_project, database):
    project = make_project()
    project.config({"migrations": [{"service": "shop", "path": "shop"}, {"service": "mail", "path": "mail"}],
                    "environments": {"test": {"url": database.url}}})
    for service, versions in (("shop", (1, 3)), ("mail", (2, 3))):
        for v in versions:
            project.write(f"{service}/{v}_{service}{v}.up.sql", f"CREATE TABLE {service}{v} (id int);")
            project.write(f"{service}/{v}_{service}{v}.down.sql", f"DROP TABLE {service}{v};")
    project.godwit("up", "--service", "mail", code=0)
    assert database.tables() == ["mail2", "mail3"]
    up = project.godwit("up", "--json", code=0).json
    # an older version of another service is not late: each has its own history
    assert [(m["service"], m["version"]) for m in up["applied"]] == [("shop", "1"), ("shop", "3")]
    down = project.godwit("down", "--steps", "3", "--json", code=0).json
    assert [(m["service"], m["version"]) for m in down["reverted"]] == [("shop", "3"), ("mail", "3"), ("mail", "2")]
    project.godwit("down", "--service", "shop", code=0)
    assert database.tables() == []


def test_a_version_of_two_services_is_waited_for_in_both(make_project, database):
    project = make_project()
    project.config({"migrations": [{"service": "a", "path": "a"}, {"service": "b", "path": "b"}],
                    "environments": {"dev": {"url": database.url}}})
    for service in "ab":
        project.write(f"{service}/5_x.up.sql", f"CREATE TABLE {service}5 (id int);")
    project.godwit("up", "--service", "a", code=0)
    project.godwit("status", "--wait-for", "5", "--timeout", "0s", code=3)
    project.godwit("up", code=0)
    project.godwit("status", "--wait-for", "5", "--timeout", "0s", code=0)


@pytest.mark.parametrize("file", ["SELECT pg_sleep(60)", "-- godwit: no-transaction\nSELECT pg_sleep(60)",
                                  "-- godwit: no-transaction\nBEGIN;\nSELECT pg_sleep(60);\nCOMMIT"])
def test_the_statement_timeout_of_the_environment_holds_everywhere(project, database, file):
    configure(project, database.url, statement_timeout="300ms")
    project.migration(1, "slow", f"{file};")
    assert "statement_timeout = 300" in project.godwit("up", "--dry-run", code=0).out
    assert project.godwit("up", "--json", code=1).json["error"]["sqlstate"] == "57014"
    # And that of a file over it.
    configure(project, database.url, statement_timeout="1h")
    project.migration(1, "slow", f"-- godwit: statement_timeout=200ms\n{file};")
    assert "statement_timeout = 200" in project.godwit("up", "--dry-run", code=0).out
    assert project.godwit("up", "--json", code=1).json["error"]["sqlstate"] == "57014"


def test_versions_of_services_run_in_order(make_project, database):
    project = make_project()
    project.config({"migrations": [{"service": "a", "path": "a"}, {"service": "b", "path": "b"}],
                    "environments": {"test": {"url": database.url}}})
    project.write("b/1_x.up.sql", "CREATE TABLE shared (id int);")
    project.write("a/2_x.up.sql", "ALTER TABLE shared ADD two int;")
    project.write("b/10_x.up.sql", "ALTER TABLE shared ADD ten int;")
    project.godwit("up", code=0)
    assert database.columns("shared") == ["id", "two", "ten"]


def test_out_of_order(three, database):
    tables(three, 5)
    three.godwit("up", code=0)
    tables(three, 4)
    assert three.states()["4"] == "out_of_order"
    three.godwit("status", "--check", code=3)
    assert three.godwit("verify", "--json", code=3).json["findings"][0]["version"] == "4"
    refused = three.godwit("up", code=1)
    assert "4_make_t4.up.sql" in refused.err and "--out-of-order" in refused.err
    three.godwit("up", "--out-of-order", code=0)
    three.godwit("status", "--check", code=0)
    three.godwit("down", code=0)
    assert database.tables() == ["t1", "t2", "t3", "t4"]


def test_a_failed_file_is_shown_and_blocks_nothing(three, database):
    three.migration(2, "make_t2", "CREATE TABLE t2 (id int);\nSELECT 1/0;\n", "DROP TABLE t2;")
    failed = three.godwit("up", code=1)
    assert "division by zero" in failed.err and "migrations/2_make_t2.up.sql:2:1" in failed.err
    assert database.tables() == ["t1"]
    status = three.godwit("status", "--json", code=0).json
    assert [m["state"] for m in status["migrations"]] == ["applied", "failed", "pending"]
    assert "division by zero" in three.godwit("status", "--check", code=3).out
    tables(three, 2)
    three.godwit("up", code=0)
    three.godwit("status", "--check", code=0)


def requires(project, wanted, version=2):
    project.migration(version, f"make_t{version}", f"-- about it\n-- godwit: requires={wanted}\nCREATE TABLE t{version} (id int);")
    return project.godwit("up", "--json", code=1).json["error"]


def test_a_migration_that_requires_itself(three, database):
    for wanted in ("2", "002", "make_t2"):
        error = requires(three, wanted)
        assert error["message"] == "migration 2 requires itself" and error["kind"] == "state"
        assert error["where"].endswith("migrations/2_make_t2.up.sql:2:1") and error["hint"]
    three.migration(2, "make_t2", "-- godwit: requires=1\n-- godwit: lock_timeout=5s\n-- godwit: requires=1,2\nSELECT 1;")
    assert three.godwit("up", "--json", code=1).json["error"]["where"].endswith("2_make_t2.up.sql:3:1")
    assert database.tables() == []


def test_a_migration_that_requires_one_of_another_environment(three, database):
    three.migration(1, "make_t1", "-- godwit: only=dev,staging\nCREATE TABLE t1 (id int);")
    error = requires(three, "1")
    assert error["message"] == "migration 2 requires 1, which is for another environment and never runs here"
    assert "1_make_t1.up.sql has only=dev" in error["detail"] and "only=" in error["hint"]
    assert error["where"].endswith("migrations/2_make_t2.up.sql:2:1") and database.tables() == []


def test_a_migration_that_requires_a_later_one_or_none(three, database):
    assert "3 comes after it" in requires(three, "3")["hint"]
    assert "no file here is 77" in requires(three, "77")["hint"]
    assert database.tables() == []


def test_requires(three, database):
    three.migration(2, "make_t2", "-- godwit: requires=3\nCREATE TABLE t2 (id int);")
    refused = three.godwit("up", code=1)
    assert "2 requires 3" in refused.err and database.tables() == []
    three.migration(2, "make_t2", "-- godwit: requires=001\nCREATE TABLE t2 (id int);")
    three.godwit("up", code=0)
    assert database.tables() == ["t1", "t2", "t3"]


def test_what_is_for_some_environments_only(make_project, make_database):
    dev, prod = make_database(), make_database()
    project = make_project()
    project.config({"default": "dev", "environments": {"dev": {"url": dev.url}, "prod": {"url": prod.url}}})
    tables(project, 1, 3)
    project.migration(2, "seed", "-- godwit: only=dev\nCREATE TABLE seeds (id int);", "DROP TABLE seeds;")
    project.godwit("up", code=0)
    project.godwit("up", "--env", "prod", code=0)
    assert dev.tables() == ["seeds", "t1", "t3"] and prod.tables() == ["t1", "t3"]
    project.godwit("status", "--check", "--env", "prod", code=0)
    project.godwit("down", "--to", "0", "--env", "prod", code=0)
    project.godwit("down", "--to", "0", code=0)
    assert dev.tables() == prod.tables() == []


def test_variables_where_a_file_asks_for_them(three, database):
    three.write(".env", "TABLE_NAME=from_env_file\n")
    three.migration(4, "vars", "-- godwit: env\nCREATE TABLE ${TABLE_NAME} (a text DEFAULT '${GREETING:-hello}');")
    three.migration(5, "none", "CREATE TABLE plain (a text DEFAULT '${TABLE_NAME}');")
    three.godwit("up", code=0)
    default = "SELECT column_default FROM information_schema.columns WHERE table_name = %s"
    assert database.value(default, ["from_env_file"]) == "'hello'::text"
    assert database.value(default, ["plain"]) == "'${TABLE_NAME}'::text"


def test_repeatable_migrations(three, database):
    three.write("migrations/9_view.up.sql", "-- godwit: repeatable\nCREATE OR REPLACE VIEW v AS SELECT 1 AS one;")
    three.godwit("up", code=0)
    assert three.godwit("up", "--json", code=0).json["applied"] == []
    three.write("migrations/9_view.up.sql", "-- godwit: repeatable\nCREATE OR REPLACE VIEW v AS SELECT 1 AS one, 2 AS two;")
    assert three.states()["9"] == "pending"
    three.godwit("status", "--check", code=3)
    assert [m["version"] for m in three.godwit("up", "--json", code=0).json["applied"]] == ["9"]
    assert database.columns("v") == ["one", "two"]
    # it is not what `down` takes back
    three.godwit("down", code=0)
    assert database.tables() == ["t1", "t2"]


# ---- status, verify, repair, baseline ---------------------------------------------------------


def test_waiting_for_a_version_that_another_process_applies(three, database):
    """The version is not there, the table is not, the database is not reachable yet: all are waited for."""
    waiting = three.start("status", "--wait-for", "2", "--timeout", "60s")
    three.godwit("up", "--steps", "1", code=0)
    asking = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    until(lambda: database.value(asking) > 0, what="a process that asks")
    assert waiting.process.poll() is None
    three.godwit("up", code=0)
    waiting.finish(code=0)
    three.godwit("status", "--wait-for", "002", "--timeout", "1s", code=0)


def test_waiting_for_what_does_not_come(three):
    late = three.godwit("status", "--wait-for", "3", "--timeout", "300ms", "--json", code=3).json["error"]
    assert late["kind"] == "check" and "3 was not reached" in late["message"]
    unknown = three.godwit("status", "--wait-for", "77", "--timeout", "300ms", code=3)
    assert "neither a file nor the history knows" in unknown.err
    three.godwit("status", "--timeout", "1s", code=2)


@pytest.mark.slow
def test_verify_and_repair(three, database):
    three.godwit("up", code=0)
    three.godwit("verify", code=0)
    three.migration(1, "make_t1", "-- only a comment\nCREATE TABLE t1 (id int);", "DROP TABLE t1;")
    three.remove("migrations/2_make_t2.up.sql")
    three.remove("migrations/2_make_t2.down.sql")
    found = three.godwit("verify", "--json", code=3).json
    assert found["checked"] == 3
    assert [(f["version"], f["kind"]) for f in found["findings"]] == [("1", "modified"), ("2", "missing")]
    three.godwit("status", "--check", code=3)

    before = database.execute("SELECT t::text FROM godwit.migrations t ORDER BY 1")
    plan = three.godwit("repair", "--dry-run", "--json", code=0).json
    assert [a["version"] for a in plan["actions"]] == ["1", "2"] and plan["dry_run"]
    assert database.execute("SELECT t::text FROM godwit.migrations t ORDER BY 1") == before
    three.godwit("repair", "1", code=0)
    assert three.states() == {"1": "applied", "2": "missing", "3": "applied"}
    three.godwit("repair", code=0)
    assert three.states() == {"1": "applied", "3": "applied"}
    three.godwit("verify", "--no-drift", code=0)
    assert "t2" in three.godwit("verify", code=3).out, "its table is still there, and in no file"
    assert database.tables() == ["t1", "t2", "t3"]
    row = database.execute("SELECT applied_by, run_id FROM godwit.migrations WHERE version = '1'")
    assert row[0][0]


@pytest.mark.slow
def test_a_checkout_with_crlf_is_the_same_file(three, database):
    text = "CREATE TABLE t4 (\n  id int,\n  note text DEFAULT 'a\nb'\n);\n"
    three.migration(4, "crlf", text)
    three.godwit("up", code=0)
    three.write("migrations/4_crlf.up.sql", text.replace("\n", "\r\n"))
    three.godwit("verify", code=0)
    three.write("migrations/4_crlf.up.sql", "\ufeff" + text)
    three.godwit("verify", code=0)
    three.write("migrations/4_crlf.up.sql", text.replace("\n", "\r"))
    three.godwit("verify", code=3)
    three.write("migrations/5_more.up.sql", "CREATE TABLE t5 (id int); -- x\r\nCREATE TABLE t6 (id int);\r\n")
    three.write("migrations/4_crlf.up.sql", text)
    three.godwit("up", code=0)
    assert database.tables()[-2:] == ["t5", "t6"]


def test_baseline(three, database):
    for n in (1, 2):
        database.execute(f"CREATE TABLE t{n} (id int)")
    three.godwit("baseline", "002", code=0)
    assert three.states() == {"1": "applied", "2": "applied", "3": "pending"}
    assert database.tables() == ["t1", "t2"]
    three.godwit("up", code=0)
    assert database.tables() == ["t1", "t2", "t3"]
    three.godwit("verify", code=0)
    kinds = database.execute("SELECT version, kind FROM godwit.migrations ORDER BY 1")
    assert kinds == [("1", "baseline"), ("2", "baseline"), ("3", "versioned")]
    # doing it again is nothing
    assert three.godwit("baseline", "2", "--json", code=0).json["marked"] == []


CONVENTIONS = ["godwit", "sqlx", "dbmate", "golang-migrate", "goose", "flyway", "node-pg-migrate",
               "graphile-migrate", "atlas", "sqitch", "drizzle"]


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_new_makes_files_that_the_next_run_reads(make_project, database, convention):
    project = make_project()
    project.config({"migrations": [{"path": "m", "service": "x", "format": convention}],
                    "environments": {"test": {"url": database.url}}})
    if convention == "sqitch":
        project.write("m/sqitch.plan", "%syntax-version=1.0.0\n%project=x\n\n")
    project.write("m/.keep")
    result = project.godwit("new", "Add users", "--json")
    if result.code:
        # their files carry hashes that only their own tool may write
        assert convention in ("graphile-migrate", "atlas"), result
        assert result.json["error"]["kind"] == "unsupported" and result.json["error"]["hint"]
        return
    files = [pathlib.Path(f) for f in result.json["files"]]
    assert files and all(f.exists() for f in files)
    assert any("add_users" in str(f) or "add-users" in str(f) for f in files)
    status = project.godwit("status", "--json", code=0).json
    assert [m["state"] for m in status["migrations"]] == ["pending"]
    project.godwit("new", "second", code=0)
    if convention == "godwit":  # nothing to do is said, not left out
        assert "fill it" in project.godwit("up", code=1).err
        for file in (project.path / "m").glob("*.up.sql"):
            file.write_text("SELECT;\n")
    project.godwit("up", code=0)
    assert set(project.states().values()) == {"applied"} and len(project.states()) == 2


@pytest.mark.parametrize("convention", ["godwit", "flyway", "sqitch"])
def test_new_migrations_of_one_moment_have_versions_of_their_own(make_project, database, convention):
    project = make_project()
    project.config({"migrations": [{"path": "m", "service": "x", "format": convention}], "environments": {"test": {"url": database.url}}})
    if convention == "sqitch":
        project.write("m/sqitch.plan", "%syntax-version=1.0.0\n%project=x\n\n")
    running = [project.start("new", f"n{i}", "--json") for i in range(12)]
    files = [each.finish(0, 60).json["files"] for each in running]
    assert len({each[0] for each in files}) == 12
    assert len(project.godwit("status", "--json", code=0).json["migrations"]) == 12


def test_new_files_have_the_time_as_version(project):
    files = project.godwit("new", "Add users' table", "--json", code=0).json["files"]
    names = [pathlib.Path(f).name for f in files]
    assert re.fullmatch(r"\d{14}_add_users_table\.up\.sql", names[0])
    assert names[1] == names[0].replace(".up.", ".down.")


# ---- dry run ----------------------------------------------------------------------------------


def psql(database, text):
    done = subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database.url, "-f", "-"],
                          input=text, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, f"{done.stderr}\n{text}"


def test_a_dry_run_is_exactly_what_would_run(project, make_database, database):
    needs_pg_dump(database.server)
    other = make_database()
    project.migration(1, "path", "CREATE SCHEMA app;\nSET search_path = app;\nCREATE TABLE one (id int)")
    project.migration(2, "data", "CREATE TABLE two (a int, b text);\nCOPY two FROM stdin;\n"
                                 "1\tplain\n2\t\\N\n3\ttrailing  \n4\tlast;\n\\.\nSELECT 1 -- no semicolon\n")
    project.migration(3, "comment", "CREATE TABLE three (id int) -- the end")
    project.migration(4, "function", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$;\n/* end */\n")
    project.migration(5, "alone", "CREATE INDEX CONCURRENTLY three_id ON three (id);")
    project.migration(6, "steps", "-- godwit: no-transaction\nSET search_path = app;\nCREATE TABLE four (id int);\n"
                                  "VACUUM four;\n")
    project.migration(7, "where", "CREATE TABLE five (id int);")
    project.migration(8, "begun", "BEGIN ISOLATION LEVEL SERIALIZABLE;\nCREATE TABLE six AS\n"
                                  "SELECT current_setting('transaction_isolation') AS level;\nCOMMIT;\n")
    before = schema_of(database)
    printed = project.godwit("up", "--dry-run", code=0).out
    assert schema_of(database) == before and database.tables("godwit") == []
    psql(other, printed)
    project.godwit("up", code=0)
    assert schema_of(other) == schema_of(database)
    for table in ("two", "six"):
        rows = f"SELECT * FROM {table} ORDER BY 1"
        assert other.execute(rows) == database.execute(rows)
    assert database.value("SELECT level FROM six") == "serializable"
    assert database.execute("SELECT b FROM two WHERE a = 3") == [("trailing  ",)]


def test_a_dry_run_of_down(three, database, make_database):
    needs_pg_dump(database.server)
    other = make_database()
    three.godwit("up", code=0)
    three.godwit("up", code=0, url=other.url)
    printed = three.godwit("down", "--steps", "2", "--dry-run", code=0).out
    assert applied(three) == ["1", "2", "3"]
    psql(other, printed)
    three.godwit("down", "--steps", "2", code=0)
    assert schema_of(other) == schema_of(database)
    assert three.states(url=other.url) == three.states()


# ---- what a file's session has ----------------------------------------------------------------

# Small files go in one pipeline, those with COPY data statement by statement.
WAYS = pytest.mark.parametrize("copy", ["", "CREATE TABLE copied (a int);\nCOPY copied FROM stdin;\n1\n\\.\n"],
                               ids=["pipeline", "one by one"])


@WAYS
def test_settings_do_not_leak_into_the_next_file(project, database, copy):
    role = database.role("GRANT CREATE, USAGE ON SCHEMA public TO {role}")
    project.migration(1, "leaky", f"""{copy}
        CREATE SCHEMA app;
        SELECT pg_catalog.set_config('search_path', '', false);
        SET search_path = app, pg_catalog;
        SET statement_timeout = '1h';
        SET TIME ZONE 'Asia/Tokyo';
        SET DateStyle = 'German';
        SET client_min_messages = 'error';
        SET check_function_bodies = off;
        SET default_transaction_read_only = on;
        SET standard_conforming_strings = on;
        CREATE TEMP TABLE leftover (a int);
        PREPARE leftover_plan AS SELECT 1;
        LISTEN leftover_channel;
        SELECT pg_advisory_lock(4711);
        SET ROLE "{role}";
        SET SESSION AUTHORIZATION "{role}";
    """)
    project.migration(2, "next", """
        CREATE TABLE seen AS SELECT current_setting('search_path') AS search_path, current_user::text AS who,
            session_user::text AS session, current_setting('statement_timeout') AS timeout,
            current_setting('TimeZone') AS zone, current_setting('DateStyle') AS style,
            current_setting('default_transaction_read_only') AS read_only,
            to_regclass('pg_temp.leftover') IS NULL AS no_temp,
            (SELECT count(*) FROM pg_prepared_statements WHERE name = 'leftover_plan') AS plans,
            (SELECT count(*) FROM pg_listening_channels()) AS channels,
            (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
                AND objid = 4711) AS locks;
    """)
    project.godwit("up", code=0)
    expected = database.execute("SELECT current_setting('search_path'), 'postgres', 'postgres',"
                                " current_setting('statement_timeout'), 'UTC',"
                                " current_setting('DateStyle'), 'off', true, 0, 0, 0")
    assert database.execute("SELECT * FROM public.seen") == [tuple(expected[0])]
    assert database.value("SELECT applied_by <> '' FROM godwit.migrations WHERE version = '1'")


@WAYS
def test_the_settings_of_role_and_database_hold_inside_files(project, database, copy):
    role = database.role("GRANT CREATE ON DATABASE {database} TO {role}",
                         "ALTER ROLE {role} SET statement_timeout = '321s'",
                         "ALTER ROLE {role} SET default_transaction_isolation = 'serializable'",
                         "ALTER ROLE {role} SET search_path = app, public",
                         "ALTER DATABASE {database} SET TimeZone = 'Asia/Tokyo'",
                         "ALTER DATABASE {database} SET DateStyle = 'German, DMY'")
    database.execute(f'CREATE SCHEMA app AUTHORIZATION "{role}"')
    text = f"""{copy}
        CREATE TABLE landed (id int);
        CREATE TABLE seen AS SELECT current_setting('statement_timeout') AS a,
            current_setting('transaction_isolation') AS b, current_setting('TimeZone') AS c,
            current_setting('DateStyle') AS d, current_setting('search_path') AS e;
    """
    project.migration(1, "land", text)
    project.migration(2, "steps", "-- godwit: no-transaction\nCREATE TABLE steps AS SELECT * FROM seen;\nVACUUM steps;\n"
                                  "CREATE INDEX CONCURRENTLY ON steps (a);\n")
    project.godwit("up", code=0, url=database.url_for(role))
    expected = [("321s", "serializable", "Asia/Tokyo", "German, DMY", "app, public")]
    assert database.execute("SELECT * FROM app.seen") == expected
    assert database.tables("app") == sorted(["landed", "seen", "steps"] + (["copied"] if copy else []))
    assert database.tables("public") == []


@WAYS
def test_a_file_may_begin_with_its_isolation_level(project, database, copy):
    project.migration(1, "level", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;\n" + copy +
                      "CREATE TABLE seen AS SELECT current_setting('transaction_isolation') AS level;")
    project.godwit("up", code=0)
    assert database.value("SELECT level FROM seen") == "serializable"


def test_copy_with_awkward_data(project, database):
    rows = ["1\ta;b", "2\t'quote", "3\t$$dollar$$", "4\t-- comment", "5\t/* open", "6\t\\N", "7\t\\\\.", "8\tCOMMIT;",
            "9\ttab\\tnew\\nline", "10\té✓ \u00a0", "11\t", "12\t\\\\i file", "13\t\\x41"]
    project.migration(1, "copy", "CREATE TABLE c (a int, b text);\nCOPY c (a, b) FROM stdin;\n" + "\n".join(rows) +
                      "\n\\.\n\nCREATE TABLE d (x text);\nCOPY d FROM STDIN WITH (FORMAT csv, HEADER);\nx\n"
                      "\"two\nlines\"\n\"a \"\"quoted\"\" one\"\n\\.\nINSERT INTO c VALUES (99, 'after');\n")
    project.godwit("up", code=0)
    assert dict(database.execute("SELECT * FROM c")) == {
        1: "a;b", 2: "'quote", 3: "$$dollar$$", 4: "-- comment", 5: "/* open", 6: None, 7: "\\.", 8: "COMMIT;",
        9: "tab\tnew\nline", 10: "é✓ \u00a0", 11: "", 12: "\\i file", 13: "A", 99: "after"}
    assert [x for (x,) in database.execute("SELECT x FROM d")] == ["two\nlines", 'a "quoted" one']


def test_a_dump_of_a_real_database_is_a_migration(project, database, make_database):
    needs_pg_dump(database.server)
    source = make_database()
    source.execute("""
        CREATE TYPE mood AS ENUM ('sad', 'glad');
        CREATE SCHEMA app;
        CREATE TABLE app.people (id bigserial PRIMARY KEY, name text NOT NULL, feels mood, doc jsonb DEFAULT '{"a": ";"}');
        CREATE TABLE app.visits (id int PRIMARY KEY, who bigint REFERENCES app.people, at timestamptz) ;
        CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := NEW.name || ';'; RETURN NEW; END $$;
        CREATE TRIGGER touch BEFORE UPDATE ON app.people FOR EACH ROW EXECUTE FUNCTION app.touch();
        CREATE VIEW app.names AS SELECT name FROM app.people;
        CREATE RULE twice AS ON INSERT TO app.names DO INSTEAD (SELECT 1; SELECT 2);
        CREATE MATERIALIZED VIEW app.counted AS SELECT count(*) AS n FROM app.people;
        INSERT INTO app.people (name, feels) SELECT 'né;' || n || E'\\ttab\\nline', 'glad' FROM generate_series(1, 500) n;
        INSERT INTO app.visits SELECT n, n, now() FROM generate_series(1, 500) n;
        REFRESH MATERIALIZED VIEW app.counted;
    """)
    dump = subprocess.run(["pg_dump", "-d", source.url], capture_output=True, text=True, check=True).stdout
    if "\\restrict" not in dump:
        dump = f"\\restrict abc123\n\n{dump}\n\\unrestrict abc123\n"
    project.migration(1, "dump", dump)
    project.migration(2, "after", "CREATE TABLE after_it (id int);")
    project.godwit("up", code=0)
    assert database.tables() == ["after_it"]
    project.migration(2, "after", "CREATE TABLE after_it (id int);", "DROP TABLE after_it;")
    project.godwit("down", code=0)
    assert schema_of(database) == schema_of(source)
    for table in ("app.people", "app.visits", "app.counted"):
        rows = f"SELECT * FROM {table} ORDER BY 1"
        assert database.execute(rows) == source.execute(rows)


@WAYS
def test_a_deferred_constraint_that_fails_at_the_end_names_its_file(project, database, copy):
    project.migration(1, "tables", "CREATE TABLE parent (id int PRIMARY KEY);\n"
                      "CREATE TABLE child (id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED);")
    project.migration(2, "orphan", copy + "INSERT INTO child VALUES (7);\nSELECT 1;\n")
    project.migration(3, "never", "CREATE TABLE never (id int);")
    error = project.godwit("up", "--json", code=1).json["error"]
    assert error["sqlstate"] == "23503" and "child" in error["message"]
    assert error["where"].endswith("migrations/2_orphan.up.sql")
    assert "deferred" in error["detail"]
    assert database.tables() == ["child", "parent"] and applied(project) == ["1"]
    project.migration(2, "orphan", copy + "INSERT INTO child VALUES (7);\nINSERT INTO parent VALUES (7);\n")
    project.godwit("up", code=0)


def test_notices_are_shown(project):
    project.migration(1, "talk", "DO $$ BEGIN RAISE NOTICE 'hello from the file'; RAISE WARNING 'careful now'; END $$;")
    result = project.godwit("up", code=0)
    assert "hello from the file" in result.err and "careful now" in result.err
    project.migration(2, "talk", "DO $$ BEGIN RAISE WARNING 'careful again'; END $$;")
    result = project.godwit("up", "--json", code=0)
    assert result.json["pending"] == 0 and "careful again" in result.err
    project.migration(3, "talk", "DO $$ BEGIN RAISE NOTICE 'hello again'; END $$;")
    assert project.godwit("up", "-q", code=0).err == ""


def test_an_enum_value_added_and_used(project, database):
    project.migration(1, "type", "CREATE TYPE mood AS ENUM ('sad');\nCREATE TABLE m (feels mood);")
    project.migration(2, "add", "ALTER TYPE mood ADD VALUE 'glad';", "")
    project.migration(3, "use", "INSERT INTO m VALUES ('glad');")
    project.migration(4, "both", "-- godwit: no-transaction\nALTER TYPE mood ADD VALUE 'calm';\n"
                                 "INSERT INTO m VALUES ('calm');")
    project.godwit("up", code=0)
    assert [v for (v,) in database.execute("SELECT feels FROM m ORDER BY 1")] == ["glad", "calm"]


# ---- the audit --------------------------------------------------------------------------------


def test_the_audit_records_every_action(three, database):
    three.godwit("up", "--to", "2", code=0)
    three.godwit("redo", code=0)
    three.migration(3, "make_t3", "SELECT 1/0;")
    three.godwit("up", code=1)
    tables(three, 3)
    three.godwit("up", code=0)
    three.migration(1, "make_t1", "CREATE TABLE t1 (id int); ", "DROP TABLE t1;")
    three.godwit("repair", code=0)
    tables(three, 4)
    three.godwit("baseline", "4", code=0)
    events = three.godwit("history", "--json", code=0).json["events"][::-1]
    assert [(e["action"], e["version"], e["outcome"]) for e in events] == [
        ("apply", "1", "ok"), ("apply", "2", "ok"), ("revert", "2", "ok"), ("apply", "2", "ok"),
        ("apply", "3", "failed"), ("apply", "3", "ok"), ("repair", "1", "ok"), ("baseline", "4", "ok")]
    for e in events:
        assert e["actor"] and e["host"] and e["run"] and e["database_user"] == "postgres"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", e["at"])
    failed = events[4]
    assert failed["sqlstate"] == "22012" and failed["message"] == "division by zero"
    assert failed["where"].endswith("3_make_t3.up.sql:1:1")
    of_two = three.godwit("history", "2", "--json", code=0).json["events"]
    assert [e["action"] for e in of_two] == ["apply", "revert", "apply"]
    # one run, one id
    assert len({e["run"] for e in events}) == 6 and events[0]["run"] == events[1]["run"]


@pytest.mark.parametrize("statement", ["UPDATE godwit.events SET outcome = 'ok'", "DELETE FROM godwit.events",
                                       "TRUNCATE godwit.events"])
def test_the_audit_is_append_only(three, database, statement):
    three.godwit("up", code=0)
    before = database.execute("SELECT t::text FROM godwit.events t ORDER BY id")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="append-only"):
        database.execute(statement)
    assert database.execute("SELECT t::text FROM godwit.events t ORDER BY id") == before


# ---- two projects, one database ----------------------------------------------------------------


def test_two_projects_without_a_services_name(make_project, database):
    one, two = make_project(database.url), make_project(database.url)
    one.migration(1, "ones", "CREATE TABLE one (id int);")
    one.godwit("up", code=0)
    two.migration(2, "twos", "CREATE TABLE two (id int);")
    error = two.godwit("up", "--json", code=1).json["error"]
    assert "has no file any more" in error["message"] and "None of these files is applied here" in error["hint"]
    assert "{ service: NAME, path: DIR }" in error["hint"]
    for words in (["repair"], ["repair", "--dry-run"]):
        error = two.godwit(*words, "--json", code=5).json["error"]
        assert error["kind"] == "refused" and "--forget" in error["hint"] and "service: NAME" in error["hint"]
    assert database.value("SELECT count(*) FROM godwit.migrations") == 1

    # What the hint says helps, and the first may stay as it is.
    two.config({"project": "two", "migrations": [{"service": "two", "path": "migrations"}], "default": "test",
                "environments": {"test": {"url": database.url}}})
    two.godwit("up", code=0)
    one.migration(3, "more", "CREATE TABLE more (id int);")
    one.godwit("up", code=0)
    for project in (one, two):
        project.godwit("status", "--check", code=0)
        project.godwit("repair", code=0)
    assert database.value("SELECT count(*) FROM godwit.migrations") == 3


def test_a_deleted_file_has_a_place(three, database):
    three.godwit("up", code=0)
    for path in (three / "migrations").glob("2_*"):
        path.unlink()
    error = three.godwit("up", "--json", code=1).json["error"]
    assert error["where"] == "migrations" and "no file of it in migrations" in error["detail"]
    assert "looked for in migrations" in three.godwit("--yes", "down", "--to", "1", "--json", code=1).json["error"]["detail"]
    item, = [m for m in three.godwit("status", "--json", code=0).json["migrations"] if m["version"] == "2"]
    assert (item["state"], item["file"], item["folder"]) == ("missing", None, "migrations")
    assert "no file of it in migrations" in three.godwit("status", code=0).out
    finding, = three.godwit("verify", "--no-drift", "--json", code=3).json["findings"]
    assert "no file of it in migrations" in finding["message"] and "godwit repair" in finding["hint"]


def test_a_deleted_file_of_a_service_has_its_folder(make_project, database):
    project = make_project()
    project.config({"project": "test", "default": "test", "environments": {"test": {"url": database.url}},
                    "migrations": [{"service": s, "path": f"db/{s}"} for s in ("bot", "indexer")]})
    for service in ("bot", "indexer"):
        project.write(f"db/{service}/1_{service}.up.sql", "SELECT 1;")
        project.write(f"db/{service}/2_more.up.sql", "SELECT 1;")
    project.godwit("up", code=0)
    project.remove("db/indexer/2_more.up.sql")
    error = project.godwit("up", "--json", code=1).json["error"]
    assert error["where"] == "db/indexer" and "indexer/2 more: no file of it in db/indexer" in error["detail"]


def test_the_audit_says_which_repair_it_was(three, database):
    three.godwit("up", code=0)
    three.migration(4, "half", "-- godwit: no-transaction\nCREATE TABLE half (id int);\nSELECT 1 / 0;\n")
    three.godwit("up", code=1)
    three.godwit("repair", "4", "--forget", code=0)
    database.execute("DROP TABLE half")
    three.godwit("up", code=1)
    three.godwit("--yes", "repair", "4", "--done", code=0)
    for path in (three / "migrations").glob("3_*.up.sql"):
        path.write_text(path.read_text() + "-- a remark\n")
    three.godwit("repair", code=0)
    three.remove("migrations/4_half.up.sql")
    three.godwit("repair", code=0)
    events = [e for e in three.godwit("history", "--json", code=0).json["events"] if e["action"] == "repair"]
    assert [(e["version"], e["data"]["repair"]) for e in events] == [("4", "forgotten"), ("3", "checksum"), ("4", "done"),
                                                                     ("4", "forgotten")]
    lines = [line for line in three.godwit("history", code=0).out.splitlines() if " repair " in line]
    assert ["forgotten: it has no file" in lines[0], "checksum taken" in lines[1], "marked as done" in lines[2],
            lines[3].endswith("forgotten")] == [True] * 4


def test_a_missing_file_among_others_may_be_another_projects(make_project, database):
    project = make_project(database.url)
    project.migration(1, "first", "CREATE TABLE a (id int);")
    project.migration(2, "second", "CREATE TABLE b (id int);")
    project.godwit("up", code=0)
    project.remove("migrations/1_first.up.sql")
    project.migration(3, "third", "CREATE TABLE c (id int);")
    hint = project.godwit("up", "--json", code=1).json["error"]["hint"]
    assert "another project" in hint and "service: NAME" in hint and "`godwit repair` forgets" in hint
    project.godwit("repair", code=0)
    project.godwit("up", code=0)


def test_a_history_without_any_file_can_be_forgotten(make_project, database):
    project = make_project(database.url)
    project.migration(1, "first", "CREATE TABLE a (id int);")
    project.godwit("up", code=0)
    project.remove("migrations/1_first.up.sql")
    project.migration(2, "all_in_one", "CREATE TABLE a (id int); -- and more")
    project.godwit("repair", code=5)
    project.godwit("repair", "--forget", code=0)
    project.godwit("baseline", "2", code=0)
    project.godwit("up", code=0)


def test_a_missing_file_of_a_named_service_is_not_another_projects(make_project, database):
    project = make_project()
    project.config({"project": "a", "migrations": [{"service": "a", "path": "migrations"}], "default": "test",
                    "environments": {"test": {"url": database.url}}})
    project.migration(1, "first", "CREATE TABLE a (id int);")
    project.migration(2, "second", "CREATE TABLE b (id int);")
    project.godwit("up", code=0)
    project.remove("migrations/1_first.up.sql")
    project.migration(3, "third", "CREATE TABLE c (id int);")
    assert "another project" not in project.godwit("up", "--json", code=1).json["error"]["hint"]


def name_service(project, database, *services):
    folders = [{"service": s, "path": "migrations"} for s in services] or "migrations"
    project.config({"project": "test", "migrations": folders, "default": "test",
                    "environments": {"test": {"url": database.url}}})


@pytest.mark.parametrize("before, now", [([], ["shop"]), (["old"], ["shop"]), (["old"], [])])
def test_a_service_that_was_renamed_does_not_run_again(before, now, make_project, database):
    project = make_project()
    name_service(project, database, *before)
    for version in (1, 2):
        project.migration(version, f"step{version}", f"CREATE TABLE t{version} (id int);", f"DROP TABLE t{version};")
    project.godwit("up", code=0)
    name_service(project, database, *now)
    project.migration(3, "step3", "CREATE TABLE t3 (id int);", "DROP TABLE t3;")
    for words in (["up"], ["up", "--dry-run"], ["up", "--steps", "1"]):
        error = project.godwit(*words, "--json", code=5).json["error"]
        assert error["message"] == "2 of these files ran already, under another service's name"
        assert ("service old" if before else "without a service's name") in error["detail"]
        service = " --service shop" if now else ""
        assert f"godwit baseline 2{service} " in error["hint"]
    project.godwit("baseline", "2", *(["--service", "shop"] if now else []), code=0)
    assert [m["version"] for m in project.godwit("up", "--json", code=0).json["applied"]] == ["3"]
    # What was rolled back since may run again, whatever stands there under the old name.
    project.godwit("--yes", "down", "--to", "0", "--allow-data-loss", code=0)
    assert len(project.godwit("up", "--json", code=0).json["applied"]) == 3


def test_a_file_that_two_services_share_is_no_new_name(make_project, database):
    one, two = make_project(), make_project()
    name_service(one, database, "one")
    name_service(two, database, "two")
    for project, name in ((one, "one"), (two, "two")):
        project.migration(1, "begin", "CREATE EXTENSION IF NOT EXISTS pgcrypto;")
        project.migration(2, name, f"CREATE TABLE {name} (id int);")
        project.godwit("up", code=0)
