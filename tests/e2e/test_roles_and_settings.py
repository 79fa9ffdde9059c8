"""Godwit's own statements hold whatever the role, its settings and its schemas are like; the files
keep what the role has."""
import json

import pytest

from harness.waiting import until

CATALOGS = ("pg_class", "pg_database", "pg_db_role_setting", "pg_index", "pg_locks", "pg_namespace", "pg_roles", "pg_settings",
            "pg_stat_activity")
MIGRATOR = ("GRANT CREATE ON DATABASE {database} TO {role}", "GRANT ALL ON SCHEMA public TO {role}")


def owner(database, table):
    return database.value("SELECT tableowner FROM pg_tables WHERE tablename = %s", [table])


@pytest.fixture
def as_role(make_project, database):
    """A project whose role may migrate and has the settings given: as_role("SET x = y", …)."""
    def make(*settings):
        role = database.role(*MIGRATOR)
        for setting in settings:
            database.execute(f'ALTER ROLE "{role}" {setting}')
        project = make_project(database.url_for(role))
        project.role = role
        return project
    return make


def test_the_role_that_a_login_changes_to_holds_for_every_file(as_role, database):
    group = database.role(*MIGRATOR, options="NOLOGIN")
    project = as_role(f'SET role = "{group}"')
    database.execute(f'GRANT "{group}" TO "{project.role}"')
    for n in (1, 2, 3):
        project.migration(n, f"t{n}", f"CREATE TABLE t{n} (id int);")
    project.migration(4, "i4", "-- godwit: no-transaction\nCREATE TABLE t4 (id int);\n"
                               "CREATE INDEX CONCURRENTLY i4 ON t4 (id);\nCREATE TABLE t5 (id int);\n")
    project.migration(5, "t6", "CREATE TABLE t6 (id int);")
    project.godwit("up", code=0)
    assert [owner(database, f"t{n}") for n in (1, 2, 3, 4, 5, 6)] == [group] * 6
    # Whoever asks, what the files make on a shadow belongs to the same role.
    for words in ({}, {"url": database.url}):
        assert "owner" not in project.godwit("verify", **words).out.lower()
    database.execute(f'CREATE SCHEMA "{group}" AUTHORIZATION "{group}"; CREATE TABLE "{group}".t1 AS SELECT 1 AS id;'
                     f' ALTER TABLE "{group}".t1 OWNER TO "{group}"; GRANT CREATE ON DATABASE "{database.name}" TO "{group}"')
    project.migration(6, "gone", 'SET search_path = "$user", public;\nDROP TABLE t1;')
    assert "1 row" in project.godwit("up", code=5).err


def test_a_file_may_become_a_role_that_has_no_right_to_godwits_tables(as_role, database):
    project = as_role()
    other = database.role("GRANT ALL ON SCHEMA public TO {role}", options="NOLOGIN")
    database.execute(f'GRANT "{other}" TO "{project.role}"')
    project.migration(1, "steps", f'-- godwit: no-transaction\nSET ROLE "{other}";\n'
                                  "CREATE TABLE a (id int);\nCREATE INDEX CONCURRENTLY i ON a (id);\n"
                                  "BEGIN;\nCREATE TABLE b (id int);\nCOMMIT;\nCREATE TABLE c (id int);\n")
    project.migration(2, "whole", f'SET ROLE "{other}";\nCREATE TABLE d (id int);\n')
    project.migration(3, "after", "CREATE TABLE e (id int);\n")
    project.godwit("up", code=0)
    assert [owner(database, t) for t in "abcde"] == [other] * 4 + [project.role]


def test_many_first_runs_at_once_where_serializable_is_the_default(as_role, database):
    project = as_role("SET default_transaction_isolation = 'serializable'")
    for n in range(1, 6):
        project.migration(n, f"t{n}", f"CREATE TABLE t{n} (id int);")
    runs = [project.start("up", "--wait", "60s") for _ in range(8)]
    for run in runs:
        run.finish(code=0)
    assert database.value("SELECT count(*) FROM godwit.events WHERE action = 'apply'") == 5


def test_a_role_that_only_reads_by_default_gets_told_so(as_role, database):
    project = as_role()
    project.migration(1, "t1", "CREATE TABLE t1 (id int);")
    database.execute(f'ALTER ROLE "{project.role}" SET default_transaction_read_only = on')
    first = project.godwit("up", code=1)
    assert "read-only" in first.err and "hint" in first.err
    database.execute(f'ALTER ROLE "{project.role}" RESET default_transaction_read_only')
    project.godwit("up", code=0)
    project.migration(2, "t2", "CREATE TABLE t2 (id int);")
    database.execute(f'ALTER ROLE "{project.role}" SET default_transaction_read_only = on')
    later = project.godwit("up", code=1)
    assert "read-only" in later.err and "default_transaction_read_only" in later.err
    assert project.states() == {"1": "applied", "2": "pending"}


def test_backslashes_mean_what_the_role_says(as_role, database):
    project = as_role("SET standard_conforming_strings = off", "SET escape_string_warning = off")
    project.migration(1, "t1", "CREATE TABLE t1 (v text);\nINSERT INTO t1 VALUES ('it\\'s; one');\n"
                               "INSERT INTO t1 VALUES ('two');\n")
    project.migration(2, "t2", "-- godwit: no-transaction\nINSERT INTO t1 VALUES ('a\\';b');\n"
                               "INSERT INTO t1 VALUES ('c');\n")
    project.godwit("up", code=0)
    assert [v for v, in database.execute("SELECT v FROM t1")] == ["it's; one", "two", "a';b", "c"]


def test_a_schema_made_beforehand_needs_no_right_to_make_one(make_project, database):
    role = database.role("GRANT ALL ON SCHEMA public TO {role}", "CREATE SCHEMA godwit AUTHORIZATION {role}")
    project = make_project(database.url_for(role))
    project.migration(1, "t1", "CREATE TABLE t1 (id int);")
    project.godwit("up", code=0)
    assert project.states() == {"1": "applied"}


def test_a_role_without_rights_is_told_what_to_grant(as_role, make_project, database):
    project = as_role()
    project.migration(1, "t1", "CREATE TABLE t1 (id int);")
    stranger = database.role()
    project.config({"project": "test", "migrations": "migrations", "default": "test", "environments": {
        "test": {"url": database.url_for(project.role)}, "other": {"url": database.url_for(stranger)}}})
    first = project.godwit("up", "--env", "other", code=1)
    assert f'GRANT CREATE ON DATABASE "{database.name}" TO "{stranger}"' in first.err
    project.godwit("up", code=0)
    for words in (["status"], ["up"]):
        refused = project.godwit(*words, "--env", "other", code=1)
        assert f'GRANT USAGE ON SCHEMA godwit TO "{stranger}"' in refused.err
    database.execute(f'GRANT USAGE ON SCHEMA godwit TO "{stranger}"')
    database.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA godwit TO "{stranger}"')
    project.godwit("up", "--env", "other", code=0)
    assert project.states() == {"1": "applied"}


def test_functions_and_operators_of_the_user_do_not_get_between(as_role, database):
    project = as_role("SET search_path = evil, pg_catalog, public")
    database.execute(f'CREATE SCHEMA evil; GRANT ALL ON SCHEMA evil TO "{project.role}";'
                     "CREATE FUNCTION evil.fail(text, text) RETURNS boolean LANGUAGE plpgsql AS"
                     " $$ BEGIN RAISE 'hijacked'; END $$;"
                     "CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.fail);"
                     "CREATE OPERATOR evil.<> (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.fail);"
                     "CREATE FUNCTION evil.set_config(text, text, boolean) RETURNS text LANGUAGE plpgsql AS"
                     " $$ BEGIN RAISE 'hijacked'; END $$;"
                     "CREATE FUNCTION evil.to_regclass(text) RETURNS regclass LANGUAGE plpgsql AS"
                     " $$ BEGIN RAISE 'hijacked'; END $$;"
                     "CREATE FUNCTION evil.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS"
                     " $$ BEGIN RAISE 'hijacked'; END $$;"
                     "CREATE TABLE evil.migrations (); CREATE TABLE evil.run_lock ();" + "".join(f"CREATE TABLE evil.{t} ();" for t in CATALOGS))
    project.migration(1, "t1", "CREATE TABLE t1 (id int, v text);", "DROP TABLE t1;")
    project.migration(2, "i1", "-- godwit: no-transaction\nCREATE INDEX CONCURRENTLY i1 ON t1 (id);\n"
                               "CREATE INDEX CONCURRENTLY ON t1 (v);\nREINDEX TABLE CONCURRENTLY t1;\n"
                               "VACUUM t1;\n",
                      "-- godwit: no-transaction\nDROP INDEX CONCURRENTLY i1;\nSELECT 1;\n")
    project.migration(3, "b", "-- godwit: batch t1.id 10\nUPDATE t1 SET v = 'x' WHERE id BETWEEN $1 AND $2;\n")
    project.migration(4, "db", "CREATE DATABASE " + database.name + "_more;\n")
    database.execute(f'ALTER ROLE "{project.role}" CREATEDB')
    try:
        project.godwit("up", code=0)
    finally:
        database.execute(f"DROP DATABASE IF EXISTS {database.name}_more")
    assert database.tables("evil") == sorted(["migrations", "run_lock", "t1", *CATALOGS])
    assert project.states() == {"1": "applied", "2": "applied", "3": "applied", "4": "applied"}


def test_behind_a_pooler_times_are_read_whatever_the_role_has(as_role, database):
    project = as_role("SET datestyle = 'German'", "SET timezone = 'Asia/Tokyo'",
                      "SET default_transaction_isolation = 'serializable'")
    project.migration(1, "t1", "CREATE TABLE t1 (id int);")
    project.config({"project": "test", "migrations": "migrations", "default": "test", "environments": {
        "test": {"url": database.url_for(project.role), "pooler": True}}})
    project.godwit("up", code=0)
    status = project.godwit("status", "--json", code=0).json
    assert status["migrations"][0]["applied_at"].endswith("Z")
    assert project.godwit("history", code=0).out


def test_a_strong_lock_outside_a_transaction_is_not_waited_for_longer_than_in_one(project, database):
    project.migration(1, "t1", "CREATE TABLE t1 (id int);")
    project.godwit("up", code=0)
    project.config({"project": "test", "migrations": "migrations", "default": "test", "environments": {
        "test": {"url": database.url, "lock_timeout": "100ms", "lock_retries": 0}}})
    project.migration(2, "c", "-- godwit: no-transaction\nALTER TABLE t1 ADD COLUMN v int;\n"
                              "CREATE INDEX CONCURRENTLY i1 ON t1 (v);\n")
    reader = database.connect(autocommit=False)
    reader.cursor().execute("SELECT * FROM t1")
    failed = project.godwit("up", code=1)
    assert "55P03" in failed.err or "lock" in failed.err
    reader.close()
    project.migration(2, "c", "-- godwit: no-transaction\nVACUUM FULL t1;\n")
    reader = database.connect(autocommit=False)
    reader.cursor().execute("SELECT * FROM t1")
    failed = project.godwit("up", code=1)
    assert "lock" in failed.err
    reader.close()
    project.godwit("up", code=0)


def test_a_concurrent_index_waits_for_old_transactions_longer_than_lock_timeout(project, database):
    project.config({"project": "test", "migrations": "migrations", "default": "test", "environments": {
        "test": {"url": database.url, "lock_timeout": "100ms", "lock_retries": 0}}})
    project.migration(1, "t1", "CREATE TABLE t1 (id int);")
    project.godwit("up", code=0)
    project.migration(2, "i", "-- godwit: no-transaction\nALTER TABLE t1 ADD COLUMN v int;\n"
                              "CREATE INDEX CONCURRENTLY i1 ON t1 (v);\n")
    writer = database.connect(autocommit=False)
    writer.cursor().execute("CREATE TABLE other (id int); SELECT txid_current()")
    writer.commit()
    writer.cursor().execute("SELECT count(*) FROM other")
    run = project.start("up")
    waiting = ("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%%'"
               " AND state = 'active' AND clock_timestamp() - query_start > interval '400ms'")
    writer.commit()
    writer.cursor().execute("INSERT INTO t1 VALUES (1)")
    until(lambda: database.value(waiting) or run.process.poll() is not None, what="the index to wait")
    writer.commit()
    writer.close()
    run.finish(code=(0, 1, 4))


def test_a_tenant_pattern_never_takes_the_systems_schemas(make_project, database):
    project = make_project(database.url)
    database.execute("CREATE SCHEMA shop")
    project.config({"project": "test", "migrations": "migrations", "default": "test", "environments": {
        "test": {"url": database.url, "for_each": {"schemas": "%"}}}})
    project.migration(1, "t1", "CREATE TABLE t1 (id int);")
    project.godwit("up", code=0)
    project.godwit("up", code=0)
    made = [s for s, in database.execute("SELECT schemaname FROM pg_tables WHERE tablename = 't1' ORDER BY 1")]
    assert made == ["public", "shop"]


def test_names_that_need_quotes(server, make_project):
    database = server.create_database('Odd "name".with $1 \' and ö')
    try:
        role = server.create_role(name='Rôle"x".y')
        try:
            database.execute('GRANT CONNECT ON DATABASE "Odd ""name"".with $1 \' and ö" TO "Rôle""x"".y"')
            project = make_project(database.url_for(role))
            project.migration(1, "t1", "CREATE TABLE t1 (id int);")
            refused = project.godwit("up", code=1)
            assert 'GRANT CREATE ON DATABASE "Odd ""name"".with $1 \' and ö" TO "Rôle""x"".y"' in refused.err
            project = make_project(database.url)
            long = "ö" * 31 + "x"
            project.migration(1, "t1", f'CREATE TABLE "{long}" ("a.b ""c" int);'
                                       f'INSERT INTO "{long}" SELECT generate_series(1, 5);')
            project.migration(2, "i", f'CREATE INDEX CONCURRENTLY "I.""x" ON "{long}" ("a.b ""c");')
            project.migration(3, "r", f'-- godwit: no-transaction\nREINDEX INDEX CONCURRENTLY "I.""x";\n'
                                      f'DROP INDEX CONCURRENTLY "I.""x";\n')
            project.godwit("up", code=0)
            assert database.tables() == [long]
        finally:
            database.execute(f'DROP OWNED BY "{role.replace(chr(34), chr(34) * 2)}"')
            server.drop_role(role)
    finally:
        database.drop()
