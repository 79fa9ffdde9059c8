"""A database that another tool has migrated and Godwit never: nothing of it runs a second time."""
import pytest

import test_adopt as theirs

PLAIN = {
    "sqlx": (theirs.SQLX + "INSERT INTO _sqlx_migrations VALUES (1, 'x', now(), true, '\\x00', 1);", "_sqlx_migrations"),
    "dbmate": ("CREATE TABLE schema_migrations (version varchar PRIMARY KEY);"
               " INSERT INTO schema_migrations VALUES ('1');", "schema_migrations"),
    "golang-migrate": (theirs.GOLANG_MIGRATE + "INSERT INTO schema_migrations VALUES (1, false);", "schema_migrations"),
    "goose": (theirs.GOOSE + "INSERT INTO goose_db_version (version_id, is_applied) VALUES (1, true);",
              "goose_db_version"),
    "flyway": (theirs.FLYWAY + "INSERT INTO flyway_schema_history VALUES"
               " (1, '1', 'x', 'SQL', 'V1__x.sql', 1, 'app', now(), 1, true);", "flyway_schema_history"),
    "drizzle": ("CREATE SCHEMA drizzle; CREATE TABLE drizzle.__drizzle_migrations (id serial PRIMARY KEY,"
                " hash text NOT NULL, created_at bigint);"
                " INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('x', 1);",
                "__drizzle_migrations"),
    "sqitch": ("CREATE SCHEMA sqitch; CREATE TABLE sqitch.changes (change_id text PRIMARY KEY, script_hash text,"
               " change text, project text, committed_at timestamptz DEFAULT now());"
               " INSERT INTO sqitch.changes VALUES ('a', 'b', 'c', 'd');", "changes"),
    "node-pg-migrate": ("CREATE TABLE pgmigrations (id serial PRIMARY KEY, name varchar(255) NOT NULL,"
                        " run_on timestamp NOT NULL); INSERT INTO pgmigrations (name, run_on) VALUES ('1_x', now());",
                        "pgmigrations"),
    "graphile-migrate": ("CREATE SCHEMA graphile_migrate; CREATE TABLE graphile_migrate.migrations (hash text PRIMARY KEY,"
                         " previous_hash text, filename text NOT NULL, date timestamptz DEFAULT now());"
                         " INSERT INTO graphile_migrate.migrations VALUES ('sha1:x', NULL, '000001.sql');", "migrations"),
    "alembic": ("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);"
                " INSERT INTO alembic_version VALUES ('1975ea83b712');", "alembic_version"),
    "atlas": (theirs.ATLAS + "INSERT INTO atlas_schema_revisions.atlas_schema_revisions VALUES"
              " ('1', 'x', 2, 1, 1, now(), 1, NULL, NULL, 'h', NULL, 'x');", "atlas_schema_revisions"),
}
EMPTY = {"goose": theirs.GOOSE, "golang-migrate": theirs.GOLANG_MIGRATE, "sqlx": theirs.SQLX,
         "flyway": theirs.FLYWAY + "INSERT INTO flyway_schema_history VALUES (0, NULL,"
                   " '<< Flyway Schema Creation >>', 'SCHEMA', 'public', NULL, 'app', now(), 0, true);",
         "golang-migrate, nil version": theirs.GOLANG_MIGRATE + "INSERT INTO schema_migrations VALUES (-1, true);",
         "atlas": theirs.ATLAS + "INSERT INTO atlas_schema_revisions.atlas_schema_revisions VALUES"
                  " ('.atlas_cloud_identifier', 'x', 2, 0, 0, now(), 0, NULL, NULL, '', NULL, 'x');"}


def one_file(project):
    project.migration(1, "first", "CREATE TABLE first (id int);", "DROP TABLE first;")


def refused(project, *words, **options):
    error = project.godwit(*words, "--json", code=5, **options).json["error"]
    assert error["kind"] == "refused"
    return error


@pytest.mark.parametrize("tool", PLAIN)
def test_a_database_that_another_tool_migrated_is_refused(tool, project, database):
    ddl, table = PLAIN[tool]
    database.execute(ddl)
    one_file(project)
    for words in (["up"], ["up", "--dry-run"], ["up", "--atomic"], ["down"], ["down", "--to", "0"], ["redo"]):
        error = refused(project, *words)
        assert f"{tool} (its table " in error["message"] and f"{table} has 1 row)" in error["message"]
        assert f"godwit adopt --from {tool} " in error["hint"]
        assert "godwit baseline V " in error["hint"] and "godwit baseline none " in error["hint"]
    assert database.value("SELECT to_regnamespace('godwit')") is None, "a refusal left something behind"
    assert "first" not in database.tables()


def test_status_warns_and_says_it_in_json(project, database):
    database.execute(PLAIN["dbmate"][0])
    one_file(project)
    result = project.godwit("status", "--json", code=0)
    assert result.json["other_tools"] == [{"tool": "dbmate", "table": "public.schema_migrations", "rows": 1}]
    assert result.json["pending"] == 1 and "adopt --from dbmate" in result.err
    text = project.godwit("status", code=0)
    assert "adopt --from dbmate" in text.err and "dbmate" not in text.out
    project.godwit("baseline", "1", code=0)
    result = project.godwit("status", "--json", code=0)
    assert "other_tools" not in result.json and result.err == ""


@pytest.mark.parametrize("words", [["adopt", "--from", "dbmate"], ["baseline", "1"]])
def test_the_ways_on_and_down_to_nothing_afterwards(words, project, database):
    database.execute(PLAIN["dbmate"][0])
    project.write("migrations/1_first.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n")
    project.write("migrations/2_second.sql", "-- migrate:up\nCREATE TABLE b (id int);\n-- migrate:down\nDROP TABLE b;\n")
    refused(project, "up")
    project.godwit(*words, code=0)
    assert [m["version"] for m in project.godwit("up", "--json", code=0).json["applied"]] == ["2"]
    project.godwit("--yes", "down", "--to", "0", "--allow-data-loss", code=0)
    assert database.value("SELECT count(*) FROM godwit.migrations") == 0
    project.godwit("--yes", "down", "--to", "0", code=0)
    assert len(project.godwit("up", "--json", code=0).json["applied"]) == 2


def test_a_history_of_its_own_beside_the_other(project, database):
    database.execute(PLAIN["alembic"][0])
    one_file(project)
    shown = project.godwit("baseline", "none", "--dry-run", code=0)
    assert "history begins here" in shown.out
    refused(project, "up")
    project.godwit("baseline", "none", code=0)
    project.godwit("baseline", "none", code=0)
    assert len(project.godwit("up", "--json", code=0).json["applied"]) == 1
    assert database.value("SELECT count(*) FROM godwit.events WHERE action = 'baseline' AND version IS NULL") == 2


def test_a_version_that_is_called_none_is_a_version(project, database):
    project.write("migrations/sqitch.conf", "[core]\n\tengine = pg\n")
    project.write("migrations/sqitch.plan", "%syntax-version=1.0.0\n%project=p\n\n"
                  "none 2024-01-01T00:00:00Z A <a@b.c> # x\n")
    project.write("migrations/deploy/none.sql", "CREATE TABLE a (id int);\n")
    project.godwit("baseline", "none", code=0)
    assert project.states() == {"none": "applied"}


@pytest.mark.parametrize("tool", EMPTY)
def test_a_table_without_a_migration_in_it_is_no_history(tool, project, database):
    database.execute(EMPTY[tool])
    one_file(project)
    project.godwit("up", code=0)


@pytest.mark.parametrize("ddl", [
    "CREATE TABLE changes (id int, what text); INSERT INTO changes VALUES (1, 'x')",
    "CREATE TABLE migrations (id int, migration text, batch int); INSERT INTO migrations VALUES (1, 'x', 1)",
    "CREATE VIEW schema_migrations AS SELECT '1'::varchar AS version",
    "CREATE TEMP TABLE schema_migrations (version varchar); INSERT INTO schema_migrations VALUES ('1')"])
def test_tables_that_only_have_the_name(ddl, project, database):
    database.execute(ddl)
    one_file(project)
    project.godwit("up", code=0)


def test_what_godwit_has_begun_is_never_refused(project, database):
    one_file(project)
    project.godwit("up", code=0)
    database.execute(PLAIN["dbmate"][0])
    project.migration(2, "second", "CREATE TABLE second (id int);")
    project.godwit("up", code=0)


def test_a_try_that_failed_is_no_beginning(project, database):
    project.migration(1, "first", "SELECT 1/0;")
    project.godwit("up", code=1)
    database.execute(PLAIN["goose"][0])
    assert "goose" in refused(project, "up")["message"]
    database.execute("DROP TABLE goose_db_version")
    one_file(project)
    project.godwit("up", code=0)


# ---- where the table is ----------------------------------------------------------------------

def test_a_schema_that_the_search_path_names(project, database):
    database.execute('CREATE SCHEMA "My app"; SET search_path TO "My app"; ' + PLAIN["sqlx"][0])
    one_file(project)
    database.execute(f'ALTER DATABASE "{database.name}" SET search_path TO "My app", public')
    assert '"My app"._sqlx_migrations' in refused(project, "up")["message"]


def test_another_schema_counts_where_its_rows_are_these_files(make_project, database):
    database.execute("CREATE SCHEMA auth; SET search_path TO auth; " + PLAIN["dbmate"][0])
    other = make_project(database.url)
    other.write("migrations/7_other.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n")
    other.godwit("up", "--dry-run", code=0)
    one_file(pairs := make_project(database.url))
    pairs.godwit("up", "--dry-run", code=0)
    same = make_project(database.url)
    same.write("migrations/1_first.sql", "-- migrate:up\nCREATE TABLE a (id int);\n-- migrate:down\nDROP TABLE a;\n")
    assert "auth.schema_migrations" in refused(same, "up")["message"]


def test_another_schema_with_a_half_done_history(project, database):
    database.execute("CREATE SCHEMA app; SET search_path TO app; " + theirs.GOLANG_MIGRATE
                     + "INSERT INTO schema_migrations VALUES (1, true)")
    one_file(project)
    assert "app.schema_migrations" in refused(project, "up")["message"]


def test_another_project_in_the_registry_of_sqitch(project, database):
    database.execute(PLAIN["sqitch"][0])
    project.write("migrations/sqitch.conf", "[core]\n\tengine = pg\n")
    project.write("migrations/sqitch.plan", "%syntax-version=1.0.0\n%project=p\n\n"
                  "first 2024-01-01T00:00:00Z A <a@b.c> # x\n")
    project.write("migrations/deploy/first.sql", "CREATE TABLE first (id int);\n")
    project.godwit("up", code=0)


def test_two_tools_are_both_named(project, database):
    database.execute(PLAIN["dbmate"][0] + PLAIN["alembic"][0])
    one_file(project)
    error = refused(project, "up")
    assert "dbmate (" in error["message"] and " and alembic (" in error["message"]
    assert "adopt --from dbmate or godwit adopt --from alembic" in error["hint"]


def test_a_table_that_this_role_may_not_read(project, database):
    database.execute(PLAIN["dbmate"][0])
    one_file(project)
    role = database.role("GRANT CREATE ON DATABASE {database} TO {role}; GRANT CREATE ON SCHEMA public TO {role}")
    project.godwit("up", url=database.url_for(role), code=0)


def test_behind_a_pooler(project, database, pgbouncer):
    database.execute(PLAIN["dbmate"][0])
    one_file(project)
    assert "dbmate" in refused(project, "up", url=pgbouncer.url(database.name))["message"]
    project.godwit("baseline", "none", url=pgbouncer.url(database.name), code=0)
    project.godwit("up", url=pgbouncer.url(database.name), code=0)


# ---- projects of several services, tenants, compat --------------------------------------------

def test_services_that_share_the_database(make_project, database):
    database.execute(PLAIN["sqlx"][0])
    project = make_project()
    project.write("a/1_first.sql", "CREATE TABLE a (id int);\n")
    project.write("b/2_second.sql", "CREATE TABLE b (id int);\n")
    project.config({"project": "test", "default": "test",
                    "migrations": [{"service": "a", "path": "a"}, {"service": "b", "path": "b"}],
                    "environments": {"test": {"url": database.url}}})
    refused(project, "up", "--service", "b")
    project.godwit("baseline", "1", "--service", "a", code=0)
    assert [m["version"] for m in project.godwit("up", "--json", code=0).json["applied"]] == ["2"]


def test_tenants_are_looked_at_one_by_one(make_project, database):
    project = make_project()
    project.config({"project": "test", "migrations": "migrations", "default": "test",
                    "environments": {"test": {"url": database.url, "for_each": {"schemas": "tenant_%"}}}})
    one_file(project)
    database.execute(PLAIN["alembic"][0])  # of public: no tenant's
    for schema in ("tenant_a", "tenant_b"):
        database.execute(f"CREATE SCHEMA {schema}; SET search_path TO {schema}; " + PLAIN["goose"][0])
    assert "tenant_b.goose_db_version" in refused(project, "up")["message"]
    assert database.value("SELECT to_regnamespace('godwit')") is None
    shown = project.godwit("status", "--json", code=0).json
    assert [t["other_tools"][0]["table"] for t in shown["tenants"]] == ["tenant_a.goose_db_version",
                                                                       "tenant_b.goose_db_version"]
    database.execute("DROP TABLE tenant_b.goose_db_version; CREATE SCHEMA tenant_c")
    result = project.godwit("up", "--json", code=5).json
    failed = {t["tenant"]: t["error"] and t["error"]["kind"] for t in result["tenants"]}
    assert failed == {"tenant_a": "refused", "tenant_b": None, "tenant_c": None}
    assert project.godwit("up", "--json", code=5).json["applied"] == []


def test_compat_does_not_make_it_right(make_project, database):
    database.execute(PLAIN["sqlx"][0])
    project = make_project()
    project.config({"project": "test", "migrations": "migrations", "default": "test", "compat": "sqlx",
                    "environments": {"test": {"url": database.url}}})
    one_file(project)
    refused(project, "up")
    database.execute("TRUNCATE _sqlx_migrations")
    project.godwit("up", code=0)
    project.godwit("--yes", "down", "--allow-data-loss", code=0)
    project.godwit("up", code=0)


# ---- adopt without a tool ----------------------------------------------------------------------

def test_adopt_without_a_tool_proposes_the_one_that_is_there(project, database):
    one_file(project)
    error = project.godwit("adopt", "--json", code=2).json["error"]
    assert "sqlx, dbmate" in error["hint"]
    database.execute(PLAIN["golang-migrate"][0])
    error = project.godwit("adopt", "--json", code=2).json["error"]
    assert error["hint"] == "godwit adopt --from golang-migrate"
    assert "public.schema_migrations has 1 row" in error["detail"]
    error = project.godwit("adopt", "--json", url="postgresql:///nope?host=/nonexistent", code=2,
                           env={"GODWIT_CONNECT_TIMEOUT": "1s"}).json["error"]
    assert "sqlx, dbmate" in error["hint"]


# ---- a service that is new to a database with a history ------------------------------------------

DBMATE = "CREATE TABLE schema_migrations (version varchar PRIMARY KEY); INSERT INTO schema_migrations VALUES ('1'), ('7');"


def two_repositories(make_project, database, text="-- migrate:up\nCREATE TABLE b (id int);\n-- migrate:down\nDROP TABLE b;\n"):
    """One that Godwit has run, and one whose files another tool has run in the same database."""
    first, second = make_project(), make_project()
    for project, service in ((first, "a"), (second, "b")):
        project.config({"project": service, "default": "test",
                        "migrations": [{"service": service, "path": "migrations"}],
                        "environments": {"test": {"url": database.url}}})
    first.write("migrations/1_first.sql", "-- migrate:up\nCREATE TABLE a (id int);\n-- migrate:down\n")
    first.godwit("up", code=0)
    second.write("migrations/7_b.sql", text)
    return first, second


def test_a_second_repository_is_refused_where_its_files_have_run(make_project, database):
    first, second = two_repositories(make_project, database)
    database.execute(DBMATE)
    for words in (["up"], ["up", "--dry-run"], ["up", "--service", "b"], ["plan"]):
        error = refused(second, *words)
        assert error["message"].startswith("files of service b were run by dbmate (its table public.schema_migrations")
        assert "of that service" in error["detail"]
        assert "adopt --from dbmate" in error["hint"] and "baseline none --service b" in error["hint"]
    assert "b" not in database.tables()
    shown = second.godwit("status", "--json", code=0)
    assert shown.json["other_tools"] == [{"tool": "dbmate", "table": "public.schema_migrations", "rows": 2}]
    assert "files of service b were run by dbmate" in shown.err
    first.write("migrations/8_c.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\n")
    first.godwit("up", code=0)  # what has begun is never refused


@pytest.mark.parametrize("words", [["baseline", "none"], ["baseline", "none", "--service", "b"], ["baseline", "7"]])
def test_the_ways_on_for_a_second_repository(words, make_project, database):
    _, second = two_repositories(make_project, database)
    database.execute(DBMATE)
    refused(second, "up")
    second.godwit(*words, code=0)
    assert len(second.godwit("up", "--json", code=0).json["applied"]) == (0 if "7" in words else 1)
    second.godwit("baseline", "none", "--service", "nope", code=2)


def test_rows_of_a_neighbour_are_none_of_its_business(make_project, database):
    _, second = two_repositories(make_project, database)
    database.execute("CREATE TABLE schema_migrations (version varchar PRIMARY KEY);"
                     " INSERT INTO schema_migrations VALUES ('1'), ('6');" + PLAIN["flyway"][0])
    assert len(second.godwit("up", "--json", code=0).json["applied"]) == 1


def test_what_another_repository_took_over_is_accounted_for(make_project, database):
    database.execute("CREATE TABLE schema_migrations (version varchar PRIMARY KEY);"
                     " INSERT INTO schema_migrations VALUES ('1');")
    first, second = make_project(), make_project()
    for project, service in ((first, "a"), (second, "b")):
        project.config({"project": service, "default": "test",
                        "migrations": [{"service": service, "path": "migrations"}],
                        "environments": {"test": {"url": database.url}}})
        project.write(f"migrations/1_{service}.sql", f"-- migrate:up\nCREATE TABLE {service} (id int);\n-- migrate:down\n")
    first.godwit("adopt", "--from", "dbmate", code=0)
    assert len(second.godwit("up", "--json", code=0).json["applied"]) == 1


def test_a_new_service_of_the_same_project(make_project, database):
    project = make_project()
    both = [{"service": "a", "path": "a"}, {"service": "b", "path": "b"}]
    config = {"project": "test", "default": "test", "migrations": both[:1],
              "environments": {"test": {"url": database.url}}}
    project.config(config)
    project.write("a/1_first.sql", "CREATE TABLE a (id int);\n")
    project.godwit("up", code=0)
    project.write("b/2_second.sql", "CREATE TABLE b (id int);\n")
    project.config({**config, "migrations": both})
    database.execute(theirs.SQLX + "INSERT INTO _sqlx_migrations VALUES (2, 'x', now(), true, '\\x00', 1);")
    assert "service b were run by sqlx" in refused(project, "up")["message"]
    project.godwit("up", "--service", "a", code=0)
    project.godwit("baseline", "2", "--service", "b", code=0)
    assert project.godwit("up", "--json", code=0).json["applied"] == []


# ---- a tool that goes on after its history was taken over -------------------------------------


def dbmate_file(project, version, name):
    project.write(f"migrations/{version}_{name}.sql",
                  f"-- migrate:up\nCREATE TABLE {name} (id int);\n-- migrate:down\nDROP TABLE {name};\n")


@pytest.fixture
def gone_on(project, database):
    """Taken over at version 1; then the tool ran 2, and 3 is new."""
    database.execute("CREATE TABLE schema_migrations (version varchar PRIMARY KEY);"
                     " INSERT INTO schema_migrations VALUES ('1'); CREATE TABLE first (id int)")
    dbmate_file(project, 1, "first")
    project.godwit("adopt", "--from", "dbmate", code=0)
    dbmate_file(project, 2, "second")
    dbmate_file(project, 3, "third")
    database.execute("INSERT INTO schema_migrations VALUES ('2'); CREATE TABLE second (id int)")
    return project


@pytest.mark.parametrize("words", [["up"], ["up", "--dry-run"], ["up", "--atomic"], ["plan"]], ids=" ".join)
def test_what_the_tool_ran_since_does_not_run_again(words, gone_on, database):
    error = refused(gone_on, *words)
    assert "migration 2 was run by dbmate" in error["message"] and "public.schema_migrations" in error["detail"]
    assert "2_second.sql" in error["detail"] and "godwit adopt --from dbmate" in error["hint"]
    assert "third" not in database.tables()


@pytest.mark.parametrize("words", [["adopt", "--from", "dbmate"], ["baseline", "2"]], ids=" ".join)
def test_the_ways_on_where_the_tool_went_on(words, gone_on):
    refused(gone_on, "up")
    gone_on.godwit(*words, code=0)
    assert [m["version"] for m in gone_on.godwit("up", "--json", code=0).json["applied"]] == ["3"]


def test_a_file_that_is_to_run_all_the_same(gone_on, database):
    refused(gone_on, "up")
    database.execute("DELETE FROM schema_migrations WHERE version = '2'; DROP TABLE second")
    assert len(gone_on.godwit("up", "--json", code=0).json["applied"]) == 2


def test_what_godwit_rolled_back_itself_runs_again(gone_on):
    """The tool's table has it still: nobody has told the tool."""
    gone_on.godwit("adopt", "--from", "dbmate", code=0)
    gone_on.godwit("up", code=0)
    gone_on.godwit("--yes", "down", "--steps", "2", "--allow-data-loss", code=0)
    assert len(gone_on.godwit("up", "--json", code=0).json["applied"]) == 2
    gone_on.godwit("redo", code=0)


@pytest.mark.parametrize("gone", ["DROP TABLE schema_migrations",
                                  "ALTER TABLE schema_migrations RENAME version TO v"])
def test_a_table_that_its_tool_needs_no_more_says_nothing(gone, gone_on, database):
    database.execute("DROP TABLE second;" + gone)
    assert len(gone_on.godwit("up", "--json", code=0).json["applied"]) == 2


def test_a_table_that_the_role_may_not_read_says_nothing(gone_on, database):
    database.execute("DROP TABLE second")
    role = database.role("GRANT ALL ON SCHEMA public TO {role}", "GRANT USAGE ON SCHEMA godwit TO {role}",
                         "GRANT ALL ON ALL TABLES IN SCHEMA godwit TO {role}")
    database.execute("REVOKE ALL ON schema_migrations FROM PUBLIC")
    gone_on.godwit("up", url=database.url_for(role), code=0)


@pytest.mark.peers
@pytest.mark.parametrize("tool", ["dbmate", "sqitch"])
def test_the_real_tool_goes_on(tool, make_project, database):
    run, _, count, _, name, text = theirs.REAL[tool]
    project = theirs.make(make_project, database, tool)
    run(project.path, database)
    project.godwit("adopt", "--from", tool, code=0)
    theirs.add_file(project, tool, name, text)
    if tool == "sqitch":
        project.write("migrations/revert/more.sql", "BEGIN;\nDROP TABLE more;\nCOMMIT;\n")
    run(project.path, database)
    error = refused(project, "up")
    assert f"was run by {tool} since its history was taken over" in error["message"]
    assert theirs.adopt(project, tool)["already"] == count
    assert project.godwit("up", "--json", code=0).json == {"applied": [], "pending": 0}
