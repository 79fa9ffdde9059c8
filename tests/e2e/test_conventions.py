"""Existing folders, unchanged: what Godwit makes of each is what its own tool makes of it."""
import shutil

import pytest

from harness import tools
from harness.ledgerflow import needs_pg_dump

PLACEHOLDERS = {"default_city": "Lagos", "APP_SCHEMA": "app"}

# tool: (runs it, where its folder is in the fixture, its own tables)
REAL = {
    "dbmate": (tools.dbmate, "migrations", ["schema_migrations"]),
    "node-pg-migrate": (tools.node_pg_migrate, "migrations", ["pgmigrations", "pgmigrations_id_seq"]),
    "graphile-migrate": (tools.graphile_migrate, "migrations", ["graphile_migrate.*"]),
    "drizzle": (tools.drizzle, "migrations", ["drizzle.*"]),
    "sqitch": (tools.sqitch, "migrations", ["sqitch.*"]),
}


def make(make_project, database, tool, **extra):
    project = make_project()
    target = project.path if tool == "graphile-migrate" else project / "migrations"
    shutil.copytree(tools.FIXTURES / tool, target, dirs_exist_ok=True)
    project.config({"project": "test", "migrations": "migrations", "default": "test",
                    "placeholders": PLACEHOLDERS, "environments": {"test": {"url": database.url}}, **extra})
    return project


@pytest.mark.peers
@pytest.mark.parametrize("tool", REAL)
def test_a_folder_makes_the_schema_that_its_own_tool_makes(tool, make_project, make_database):
    run, _, own = REAL[tool]
    theirs, ours = make_database(), make_database()
    project = make(make_project, ours, tool)
    needs_pg_dump(ours.server)
    run(project.path, theirs)
    assert project.godwit("status", "--json", code=0).json["format"] == tool
    project.godwit("up", code=0)
    assert set(project.states().values()) == {"applied"}
    expected = tools.schema_of(theirs, own)
    assert "CREATE TABLE" in expected
    assert tools.schema_of(ours) == expected


@pytest.mark.parametrize("tool", ["goose", "flyway", "golang-migrate", "sqlx", "atlas"])
def test_a_folder_makes_the_schema_that_is_written_beside_it(tool, make_project, make_database):
    written, ours = make_database(), make_database()
    needs_pg_dump(ours.server)
    project = make(make_project, ours, tool)
    written.execute((tools.FIXTURES / f"{tool}.expected.sql").read_text())
    project.godwit("up", code=0)
    assert set(project.states().values()) == {"applied"}
    expected = tools.schema_of(written)
    assert "CREATE TABLE" in expected
    assert tools.schema_of(ours) == expected


@pytest.mark.parametrize("tool", ["dbmate", "node-pg-migrate", "sqitch", "goose", "golang-migrate"])
def test_down_takes_a_folder_back_to_nothing(tool, make_project, make_database):
    nothing, ours = make_database(), make_database()
    needs_pg_dump(ours.server)
    project = make(make_project, ours, tool)
    count = len(project.states())
    project.godwit("up", code=0)
    project.godwit("--yes", "down", "--steps", str(count), "--allow-data-loss", code=0)
    assert set(project.states().values()) == {"pending"}
    assert tools.schema_of(ours) == tools.schema_of(nothing)


def test_goose_takes_variables_only_between_envsub_on_and_off(make_project, database):
    project = make(make_project, database, "goose")
    project.godwit("up", code=0, env={"REGION": "us"})
    assert "'us'" in database.value("SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef"
                                    " WHERE adrelid = 'accounts'::regclass")
    assert database.value("SELECT col_description('accounts'::regclass, 3)") == "not ${REGION}"


def test_a_repeatable_of_flyway_runs_again_when_it_changes(make_project, database):
    project = make(make_project, database, "flyway")
    project.godwit("up", code=0)
    project.write("migrations/R__person_names.sql",
                  "CREATE OR REPLACE VIEW person_names AS SELECT name, city, id FROM person;\n")
    applied = project.godwit("up", "--json", code=0).json["applied"]
    assert [m["version"] for m in applied] == ["R__person_names"]
    assert database.columns("person_names") == ["name", "city", "id"]


def test_an_edited_file_of_atlas_does_not_agree_with_atlas_sum(make_project, database):
    project = make(make_project, database, "atlas")
    path = project / "migrations/20240220101500_add_email.sql"
    path.write_text(path.read_text() + "-- edited\n")
    result = project.godwit("up", code=1)
    assert "20240220101500_add_email.sql" in result.err and "atlas.sum" in result.err
    assert database.tables() == []


def test_an_edited_commit_of_graphile_migrate_is_refused(make_project, database):
    project = make(make_project, database, "graphile-migrate")
    path = project / "migrations/committed/000002-add-email.sql"
    path.write_text(path.read_text() + "-- edited\n")
    result = project.godwit("up", code=1)
    assert "000002-add-email.sql" in result.err
    assert database.tables("app") == []


# ---- Flyway's baseline files -------------------------------------------------------------------

def flyway(project, *names):
    for name in names:
        project.write(f"migrations/{name}.sql", f"CREATE TABLE {name.lower()} (id int);\n")


def test_a_baseline_file_that_has_not_run_stands_for_nothing_yet(project, database):
    flyway(project, "V1__a", "V2__b", "B2__both", "V3__c")
    project.godwit("status", "--wait-for", "1", "--timeout", "0s", code=3)
    before = {m["name"]: (m["state"], m.get("baseline")) for m in
              project.godwit("status", "--json", code=0).json["migrations"]}
    assert before == {"a": ("skipped", "2"), "b": ("skipped", "2"), "both": ("pending", None), "c": ("pending", None)}
    assert "the baseline file of version 2" in project.godwit("status", "--check", code=3).out
    project.godwit("up", code=0)
    assert database.tables() == ["b2__both", "v3__c"]
    after = {m["name"]: m["state"] for m in project.godwit("status", "--json", code=0).json["migrations"]}
    assert set(after.values()) == {"applied"} and set(after) == {"a", "b", "both", "c"}
    project.godwit("status", "--wait-for", "1", "--timeout", "0s", code=0)
    project.godwit("verify", "--no-drift", code=0)
    project.godwit("status", "--check", code=0)


@pytest.mark.parametrize("to, tables", [("1", ["v1__a"]), ("2", ["b2__base"]), ("3", ["b2__base", "v3__c"]),
                                        ("4", ["b4__later"])])
def test_up_to_a_version_takes_the_newest_baseline_that_is_not_above_it(project, database, to, tables):
    flyway(project, "V1__a", "V2__b", "B2__base", "V3__c", "V4__d", "B4__later", "V5__e")
    planned = project.godwit("plan", "--to", to, "--json", code=0).json["migrations"]
    assert len(planned) == len(tables)
    project.godwit("up", "--to", to, code=0)
    assert database.tables() == tables
    project.godwit("up", code=0)
    assert "v5__e" in database.tables()
    project.godwit("status", "--check", code=0)


def test_a_baseline_file_beside_a_version_that_ran_long_ago(project, database):
    flyway(project, "V1__a", "V2__b")
    project.godwit("up", code=0)
    flyway(project, "B2__both", "V3__c")
    assert project.states() == {"1": "applied", "2": "applied", "3": "pending"}
    project.godwit("up", code=0)
    assert database.tables() == ["v1__a", "v2__b", "v3__c"]
    project.remove("migrations/V2__b.sql")
    assert project.states() == {"1": "applied", "2": "missing", "3": "applied"}


# ---- drizzle's breakpoints -----------------------------------------------------------------------

def drizzle(project, text):
    project.write("migrations/meta/_journal.json", '{"version": "7", "dialect": "postgresql", "entries": [{"idx": 0, '
                  '"version": "7", "when": 1795229707467, "tag": "0000_first", "breakpoints": true}]}')
    project.write("migrations/0000_first.sql", text)


BREAK = "--> statement-breakpoint"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_breakpoint_separates_without_a_semicolon(project, database, end):
    drizzle(project, end.join(["CREATE TABLE a (id int)", BREAK, "", f"CREATE TABLE b (id int){BREAK}CREATE TABLE c (id int);{BREAK}",
                               f"INSERT INTO a VALUES (1); {BREAK}", BREAK, "COMMENT ON TABLE a IS", f"'is {BREAK} it';", ""]))
    project.godwit("lint", code=(0, 3))
    plan, = project.godwit("plan", "--json", code=0).json["migrations"]
    assert [s["line"] for s in plan["statements"]] == [1, 4, 4, 5, 7]
    project.godwit("up", code=0)
    assert database.tables() == ["a", "b", "c"] and database.value("SELECT count(*) FROM a") == 1
    assert database.value("SELECT obj_description('a'::regclass)") == f"is {BREAK} it"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_error_behind_a_breakpoint_has_its_place(project, database, end):
    drizzle(project, end.join(["CREATE TABLE a (id int)", BREAK, "SELECT 1", BREAK, "SELECT", "  nothing FROM a", BREAK]))
    error = project.godwit("up", "--json", code=1).json["error"]
    assert error["where"] == "migrations/0000_first.sql:6:3" and database.tables() == []


def test_elsewhere_a_breakpoint_is_a_remark(project, database):
    project.migration(1, "a", f"CREATE TABLE a {BREAK}\n (id int);")
    project.godwit("up", code=0)
    assert database.tables() == ["a"]


# ---- Flyway's own placeholders -------------------------------------------------------------------

def test_flyways_own_placeholders(project, database):
    project.write("migrations/V1__a.sql", "CREATE TABLE a AS SELECT '${flyway:database}' AS d, '${flyway:filename}' AS f,\n"
                  " '${flyway:table}' AS t, '${FLYWAY:workingDirectory}' AS w, '${flyway:user}' AS u;\n")
    project.godwit("up", code=0)
    d, f, t, w, u = database.execute("SELECT d, f, t, w, u FROM a")[0]
    assert (d, f, t, w) == (database.name, "V1__a.sql", "flyway_schema_history", str(project.path.resolve()))
    assert u == database.value("SELECT current_user::text")


# Where it is, who runs it, and where names without a schema go.
WHERE = "${flyway:defaultSchema}|${flyway:user}|${flyway:database}|${FLYWAY:environment}"


def test_flyways_default_schema_is_that_of_the_role(project, database):
    schema = 'my "App" é'
    quoted = '"my ""App"" é"'
    role = database.role("GRANT CREATE ON DATABASE {database} TO {role}", f"CREATE SCHEMA {quoted} AUTHORIZATION {{role}}",
                         f"ALTER ROLE {{role}} IN DATABASE {{database}} SET search_path = nowhere, {quoted}, public")
    project.config({"project": "test", "migrations": "migrations", "default": "on call",
                    "environments": {"on call": {"url": database.url_for(role)}}})
    project.write("migrations/V1__a.sql", f"CREATE SCHEMA IF NOT EXISTS {quoted};\nCREATE TABLE a (id int);\n"
                  f"SET search_path = public;\nCOMMENT ON TABLE {quoted}.a IS '{WHERE}';\n")
    # A statement that stands alone, sent after its file has set another path.
    project.write("migrations/V2__b.sql", f"SET search_path = {quoted}, public;\nCREATE INDEX CONCURRENTLY i ON a (id);\n"
                  f"COMMENT ON INDEX i IS '{WHERE}';\n")
    project.write("migrations/V2__b.sql.conf", "executeInTransaction=false\n")
    value = f"{schema}|{role}|{database.name}|on call"
    assert project.godwit("up", "--dry-run", code=0).out.count(f"IS '{value}'") == 2
    first, second = project.godwit("plan", "--json", code=0).json["migrations"]
    assert [s["sql"].endswith(f"IS '{value}'") for s in first["statements"] + second["statements"]] == [
        False, False, False, True, False, False, True]
    project.godwit("up", code=0)
    assert database.tables(schema) == ["a"]
    assert database.value(f"SELECT obj_description('{quoted}.a'::regclass)") == value
    assert database.value(f"SELECT obj_description('{quoted}.i'::regclass)") == value
    project.godwit("verify", code=0)  # the shadow's comments are those of the database


def test_flyways_default_schema_where_there_is_none(project, database):
    role = database.role("GRANT CREATE ON DATABASE {database} TO {role}",
                         "ALTER ROLE {role} IN DATABASE {database} SET search_path = nowhere")
    project.config({"project": "test", "migrations": "migrations", "default": "test",
                    "environments": {"test": {"url": database.url_for(role)}}})
    project.write("migrations/V1__a.sql", "CREATE TABLE public.a (id int);\nSELECT\n '${flyway:defaultSchema}';\n")
    for command in (["up"], ["up", "--dry-run"], ["plan"]):
        error = project.godwit(*command, "--json", code=1).json["error"]
        assert error["where"] == "migrations/V1__a.sql:3:3" and "search_path" in error["detail"]
    assert database.tables() == []


def test_flyways_default_schema_of_each_tenant(project, database):
    for schema in ('"crm a"', "crm_b"):
        database.execute(f"CREATE SCHEMA {schema}")
    project.config({"project": "test", "migrations": "migrations", "default": "test",
                    "environments": {"test": {"url": database.url, "for_each": {"schemas": "crm%"}}}})
    project.write("migrations/V1__a.sql", "CREATE TABLE a (id int);\nCOMMENT ON TABLE a IS '${flyway:defaultSchema}';\n")
    plan, = project.godwit("plan", "--tenant", "crm a", "--json", code=0).json["migrations"]
    assert plan["statements"][1]["sql"] == "COMMENT ON TABLE a IS 'crm a'"
    assert "IS 'crm_b'" in project.godwit("up", "--dry-run", "--tenant", "crm_b", code=0).out
    project.godwit("up", code=0)
    assert database.value("""SELECT obj_description('"crm a".a'::regclass)""") == "crm a"
    assert database.value("SELECT obj_description('crm_b.a'::regclass)") == "crm_b"
    project.godwit("verify", "--tenant", "crm_b", code=0)


@pytest.mark.parametrize("name", ["flyway:nonsense", "flyway:default"])
def test_flyways_own_placeholders_without_a_value(project, database, name):
    project.write("migrations/V1__a.sql", "CREATE TABLE a (id int);\nCOMMENT ON TABLE a IS '${%s}';\n" % name)
    error = project.godwit("up", "--json", code=1).json["error"]
    assert name in error["message"] and error["where"].startswith("migrations/V1__a.sql:2:") and name in error["hint"]
    assert database.tables() == []
    project.config({"project": "test", "migrations": "migrations", "default": "test", "placeholders": {name: "app"},
                    "environments": {"test": {"url": database.url}}})
    project.godwit("up", code=0)
    assert database.value("SELECT obj_description('a'::regclass)") == "app"


# ---- Flyway's repeatable files and what their placeholders stand for -----------------------------

def test_a_repeatable_of_flyway_runs_again_when_a_value_changes(project, database):
    def values(**placeholders):
        project.config({"project": "test", "migrations": "migrations", "default": "test", "placeholders": placeholders,
                        "environments": {"test": {"url": database.url}}})

    def ran():
        return [m["version"] for m in project.godwit("up", "--json", code=0).json["applied"]]

    project.write("migrations/V1__a.sql", "CREATE TABLE a (id int); COMMENT ON TABLE a IS '${n}';\n")
    project.write("migrations/R__v.sql", "CREATE OR REPLACE VIEW v AS SELECT ${n} AS n;\n")
    project.write("migrations/R__w.sql", "CREATE OR REPLACE VIEW w AS SELECT '${flyway:user} ${flyway:database}' AS who;\n")
    values(n="1", other="1")
    assert ran() == ["1", "R__v", "R__w"]
    values(n="1", other="2")
    assert ran() == []
    values(n="2", other="2")
    assert project.states() == {"1": "applied", "R__v": "pending", "R__w": "applied"}
    assert ran() == ["R__v"] and database.value("SELECT n FROM v") == 2
    assert ran() == []
    project.write("migrations/R__v.sql", "CREATE OR REPLACE VIEW v AS SELECT ${n} AS n;\r\n")
    assert ran() == []
    # What an earlier Godwit wrote is the checksum of the file: which values it had, nobody knows.
    database.execute("UPDATE godwit.migrations SET checksum = encode(sha256(convert_to("
                     "E'CREATE OR REPLACE VIEW v AS SELECT ${n} AS n;\\n', 'UTF8')), 'hex') WHERE version = 'R__v'")
    assert ran() == []
    project.write("migrations/R__v.sql", "CREATE OR REPLACE VIEW v AS SELECT ${n} AS n; -- new\n")
    assert ran() == ["R__v"]
    values(n="3")
    assert ran() == ["R__v"] and database.value("SELECT n FROM v") == 3
    values()
    assert project.godwit("up", "--json", code=1).json["error"]["where"] == "migrations/R__v.sql:1:36"


def test_a_repeatable_of_flyway_with_the_time_in_it_runs_every_time(project, database):
    project.write("migrations/R__v.sql", "-- ${flyway:timestamp}\nCREATE SEQUENCE IF NOT EXISTS s; SELECT nextval('s');\n")
    for count in (1, 2):
        project.godwit("up", code=0)
        assert database.value("SELECT last_value FROM s") == count
        # The time has seconds: another one, and the file is another.
        database.execute("SELECT pg_sleep(1 - extract(microseconds FROM clock_timestamp())::numeric % 1000000 / 1000000)")
