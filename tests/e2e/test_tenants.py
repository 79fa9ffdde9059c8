"""--tenant: one of the tenants of an environment, for what is about one database; without it a refusal that says how."""
import json
import re

import pytest


@pytest.fixture
def databases(make_project, make_database):
    first, second = make_database(), make_database()
    project = make_project(first.url)
    project.migration(1, "one", "CREATE TABLE t (id int);", "DROP TABLE t;")
    project.config({"project": "t", "migrations": "migrations", "default": "x", "environments": {
        "x": {"url": first.url, "for_each": {"databases": [first.name, second.name]}}}})
    return project, first, second


@pytest.fixture
def schemas(make_project, database):
    project = make_project(database.url)
    project.migration(1, "one", "CREATE TABLE t (id int);", "DROP TABLE t;")
    database.execute('CREATE SCHEMA "tenant_Ä b"; CREATE SCHEMA tenant_c')
    project.config({"project": "t", "migrations": "migrations", "default": "x", "environments": {
        "x": {"url": database.url, "for_each": {"schemas": "tenant_%"}}}})
    return project, database


@pytest.mark.slow
def test_databases_one_at_a_time(databases):
    project, first, second = databases
    project.write("schema.sql", "CREATE TABLE t (id bigint);")
    for words in (["plan"], ["push", "schema.sql", "--yes"], ["dump"], ["diff", "--from", "database", "--to", "schema.sql"]):
        refused = project.godwit(*words, code=2)
        assert f"--tenant NAME ({first.name}, {second.name})" in refused.err, words
    plan = project.godwit("plan", "--tenant", second.name, "--json", code=(0, 3)).json
    assert len(plan["migrations"]) == 1
    project.godwit("up", "--tenant", second.name, code=0)
    assert first.tables() == [] and "t" in second.tables()
    project.godwit("verify", "--tenant", second.name, code=0)
    second.execute("CREATE TABLE by_hand (id int)")
    drift = project.godwit("verify", "--tenant", second.name, code=3)
    assert "by_hand" in drift.out
    each = project.godwit("verify", code=3)
    assert f"{first.name}: drift was not looked for: no migration is applied" in each.err
    assert f"{second.name}: the schema is not" in each.out
    second.execute("DROP TABLE by_hand")
    project.godwit("push", "schema.sql", "--tenant", second.name, "--yes", code=0)
    assert second.value("SELECT format_type(atttypid, -1) FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum = 1") == "bigint"
    assert "t" not in first.tables()
    assert "bigint" in project.godwit("dump", "--tenant", second.name, code=0).out


@pytest.mark.slow
def test_schemas_one_at_a_time(schemas):
    project, database = schemas
    name = "tenant_Ä b"
    project.write("schema.sql", "CREATE TABLE t (id bigint);")
    for words in (["plan"], ["push", "schema.sql", "--yes"], ["dump"], ["diff", "--from", "database", "--to", "schema.sql"]):
        assert f"--tenant NAME (tenant_c, {name})" in project.godwit(*words, code=2).err, words
    plan = project.godwit("plan", "--tenant", name, "--json", code=(0, 3)).json
    assert f'"{name}".t' in str(plan["schema_changes"] if "schema_changes" in plan else plan)
    project.godwit("up", "--tenant", name, code=0)
    assert database.tables(name) == ["t"] and database.tables("tenant_c") == []
    assert project.godwit("plan", "--tenant", name, "--json", code=0).json["migrations"] == []
    project.migration(2, "two", "ALTER TABLE t ADD n int;", "ALTER TABLE t DROP n;")
    project.godwit("plan", "--tenant", name, code=(0, 3))
    assert database.value("SELECT count(*) FROM pg_attribute WHERE attname = 'n' AND attrelid = '\"tenant_Ä b\".t'::regclass") == 0
    assert "CREATE SCHEMA tenant_c" in project.godwit("diff", "--from", "schema.sql", "--to", database.url, code=3).out


SHARED = """
    CREATE TYPE public.mood AS ENUM ('ok', 'bad');
    CREATE TABLE public.plans (id int PRIMARY KEY);
    CREATE VIEW public.all_plans AS SELECT id FROM public.plans;
    CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE TABLE tenant_c.others (id int, m public.mood);
    GRANT USAGE ON SCHEMA tenant_c TO PUBLIC;"""
DECLARED = """
    CREATE TABLE t (id bigint REFERENCES plans (id), m mood DEFAULT 'ok', n int DEFAULT f());
    CREATE INDEX ON t (m); CREATE VIEW v AS SELECT t.id FROM t JOIN all_plans USING (id);"""


def test_a_tenant_that_is_a_schema_is_pushed_dumped_and_compared(schemas):
    """Beside what all share, and nothing of the others in sight; what is dumped is what may be pushed."""
    project, database = schemas
    name = "tenant_Ä b"
    database.execute(SHARED)
    project.write("schema.sql", DECLARED)
    one, other = ("--tenant", name), ("--tenant", "tenant_c")
    project.godwit("diff", "--from", "database", "--to", "schema.sql", *one, code=3)
    project.godwit("push", "schema.sql", "--yes", *one, code=0)
    assert database.tables(name) == ["t"] and database.tables("tenant_c") == ["others"]
    project.godwit("diff", "--from", "database", "--to", "schema.sql", *one, code=0)
    assert database.execute("SELECT DISTINCT tenant FROM godwit.events WHERE action = 'push'") == [(name,)]
    dump = project.godwit("dump", *one, code=0).out
    assert f'CREATE TABLE "{name}".t' in dump and "plans (" not in dump.replace("REFERENCES public.plans (", "")
    assert "tenant_c" not in dump and "CREATE SCHEMA" not in dump and "CREATE FUNCTION" not in dump
    project.write("dumped.sql", dump)
    project.godwit("diff", "--from", "database", "--to", "dumped.sql", *one, code=0)
    # What goes in one tenant is a loss there; what the others have is no difference.
    database.execute("INSERT INTO tenant_c.others VALUES (1)")
    refused = project.godwit("push", "schema.sql", "--yes", *other, code=5)
    assert "tenant_c.others" in refused.err and database.value("SELECT count(*) FROM tenant_c.others") == 1
    project.godwit("push", "schema.sql", "--yes", "--allow-data-loss", *other, code=0)
    assert database.tables("tenant_c") == ["t"] and database.tables(name) == ["t"]
    assert "plans" in database.tables()


def test_drift_of_each_tenant_that_is_a_schema(schemas):
    project, database = schemas
    name = "tenant_Ä b"
    database.execute(SHARED + "DROP TABLE tenant_c.others;")
    project.migration(2, "two", "CREATE TABLE IF NOT EXISTS public.plans (id int);" + DECLARED.replace("TABLE t", "TABLE u").replace("ON t", "ON u")
                      .replace("t.id FROM t", "u.id FROM u"))
    project.godwit("up", code=0)
    same = project.godwit("verify", code=0)
    assert f"{name}: the schema is what the applied" in same.out and "tenant_c: the schema is what the applied" in same.out
    database.execute("CREATE TABLE tenant_c.by_hand (id int); CREATE TABLE public.by_hand_too (id int)")
    drift = project.godwit("verify", code=3)
    assert f"{name}: the schema is what the applied" in drift.out and "tenant_c: the schema is not" in drift.out
    assert "DROP TABLE tenant_c.by_hand" in drift.out
    told = project.godwit("verify", "--json", code=3).json["drift"]
    assert (told["compared"], told["equal"]) == (True, False)
    assert {t["tenant"]: t["equal"] for t in told["tenants"]} == {name: True, "tenant_c": False}
    project.godwit("verify", "--tenant", name, code=0)
    alone = project.godwit("verify", "--tenant", "tenant_c", "--json", code=3).json["drift"]
    assert not alone["equal"] and "tenants" not in alone and alone["changes"]


def test_a_file_that_makes_what_is_shared_says_if_not_exists(schemas):
    project, database = schemas
    project.migration(2, "two", "CREATE TABLE public.shared (id int);")
    project.godwit("up", "--tenant", "tenant_c", code=0)
    said = project.godwit("verify", "--tenant", "tenant_c", code=0).err
    assert "drift was not looked for" in said and "2_two.up.sql:1:1" in said and "IF NOT EXISTS" in said


@pytest.mark.parametrize("command", ["up", "status", "plan", "down", "verify"])
def test_a_tenant_that_is_not_there_is_wrong_usage(schemas, command):
    project, _ = schemas
    error = project.godwit(command, "--tenant", "no such", "--yes", code=2).err
    assert 'has no tenant "no such"' in error and "tenant_c" in error


def test_an_environment_without_tenants_says_so(project):
    assert "has no tenants at all" in project.godwit("status", "--tenant", "a", code=2).err


def test_every_line_names_its_tenant(databases):
    project, first, second = databases
    dry = project.godwit("up", "--dry-run", code=0).out
    headers = [line for line in dry.splitlines() if line.startswith("-- ") and "one (" in line]
    assert [h.split(" (")[0] for h in headers] == [f"-- {first.name}: 1 one", f"-- {second.name}: 1 one"]
    assert f"applied {second.name}: 1 one (" in project.godwit("up", "--tenant", second.name, code=0).err
    said = project.godwit("up", code=0).err
    assert f"applied {first.name}: 1 one (" in said and second.name not in said
    down = project.godwit("down", "--tenant", first.name, code=0)
    assert f"rolled back {first.name}: 1 one (" in down.err
    # and so does the history: each database keeps its own
    events = project.godwit("history", "--json", code=0).json["events"]
    assert [(e["action"], e["tenant"]) for e in events] == [("revert", first.name), ("apply", first.name), ("apply", second.name)]
    one = project.godwit("history", "--tenant", second.name, "--limit", "1", "--json", code=0).json["events"]
    assert [(e["action"], e["tenant"]) for e in one] == [("apply", second.name)]
    assert "no tenant" in project.godwit("history", "--tenant", "nobody", code=2).err


def test_a_name_with_a_line_break_stays_in_its_comment(project, database):
    name = "tenant_x\nDROP TABLE kept; --"
    database.execute(f'CREATE SCHEMA "{name}"')
    project.migration(1, "one", "CREATE TABLE t (id int);", "DROP TABLE t;")
    project.config({"project": "t", "migrations": "migrations", "default": "x", "environments": {
        "x": {"url": database.url, "for_each": {"schemas": "tenant_%"}}}})
    dry = project.godwit("up", "--dry-run", code=0).out
    assert "-- tenant_x?DROP TABLE kept; --: 1 one (" in dry
    project.godwit("up", code=0)
    assert database.tables(name) == ["t"]


def test_a_pattern_that_nothing_matches_is_said(schemas):
    project, database = schemas
    project.config({"project": "t", "migrations": "migrations", "default": "x", "environments": {
        "x": {"url": database.url, "for_each": {"schemas": "tennant_%"}}}})
    warning = 'no tenant matches the pattern "tennant_%"'
    for command in ("up", "down", "status", "verify"):
        said = project.godwit(command, code=0)
        assert said.err.count("warning: " + warning) == 1, command
    up = project.godwit("up", "--json", code=0).json
    assert up["applied"] == [] and warning in up["warnings"][0]
    status = project.godwit("status", "--check", "--json", code=3).json
    assert (status["environment"], status["tenants"]) == ("x", []) and warning in status["warnings"][0]
    assert warning in project.godwit("status", "--check", code=3).err
    waited = project.godwit("status", "--wait-for", "1", "--timeout", "300ms", code=3)
    assert waited.err.count(warning) == 1
    database.execute("CREATE SCHEMA tennant_a")
    assert "warning" not in project.godwit("up", code=0).err
    assert "warnings" not in project.godwit("status", "--check", "--json", code=0).json


def test_status_shows_the_others_where_one_is_unreachable(make_project, make_database):
    here = make_database()
    project = make_project(here.url)
    project.migration(1, "one", "CREATE TABLE t (id int);", "DROP TABLE t;")
    project.config({"project": "t", "migrations": "migrations", "default": "x", "environments": {
        "x": {"url": here.url, "for_each": ["godwit no such", here.name]}}})
    project.godwit("up", "--tenant", here.name, code=0)
    said = project.godwit("status", code=4)
    assert f"database {here.name}" in said.out and f"tenant {here.name}\n" in said.out and "applied  1" in said.out
    assert 'tenant godwit no such\nunreachable: database "godwit no such" does not exist\n' in said.out
    assert "1 of 2 tenants could not be read" in said.err and 'godwit no such: database "godwit no such" does not exist' in said.err
    status = project.godwit("status", "--check", "--json", code=4).json
    gone, there = status["tenants"]
    assert gone["tenant"] == "godwit no such" and gone["error"]["kind"] == "connect" and gone["migrations"] == []
    assert [m["state"] for m in there["migrations"]] == ["applied"] and "error" not in there
    assert status["error"]["kind"] == "connect"
    project.godwit("status", "--tenant", here.name, "--check", code=0)
    project.godwit("status", "--wait-for", "1", "--timeout", "300ms", code=4)
    history = project.godwit("history", "--json", code=0)
    assert [e["tenant"] for e in history.json["events"]] == [here.name]
    assert "warning: godwit no such: its history could not be read: " in history.err
    project.godwit("history", "--tenant", "godwit no such", code=4)


def test_a_step_back_is_the_same_in_every_tenant_or_refused(schemas):
    project, database = schemas
    project.migration(2, "two", "ALTER TABLE t ADD n int;", "ALTER TABLE t DROP n;")
    name = "tenant_Ä b"
    project.godwit("up", "--tenant", "tenant_c", code=0)
    project.godwit("down", "--dry-run", code=0)
    project.godwit("up", "--to", "1", "--tenant", name, code=0)
    for words in (["down"], ["down", "--steps", "2"], ["down", "--dry-run"], ["redo"]):
        refused = project.godwit(*words, code=5)
        assert "tenant_c" in refused.err and f"1 in {name}" in refused.err and "--tenant NAME" in refused.err, words
    assert database.columns("t", name) == ["id"] and database.columns("t", "tenant_c") == ["id", "n"]
    project.godwit("down", "--to", "1", code=0)
    assert database.tables(name) == ["t"] and database.columns("t", "tenant_c") == ["id"]
    project.godwit("down", code=0)
    assert database.tables(name) == [] and database.tables("tenant_c") == []


def in_schema(database, schema):
    return sorted(database.tables(schema))


def test_a_schema_that_was_made_anew_is_a_new_tenant(schemas):
    project, database = schemas
    project.migration(2, "two", "-- godwit: no-transaction\nCREATE TABLE u (id int); CREATE TABLE v (id int);", "DROP TABLE u, v;")
    project.godwit("up", code=0)
    for name in ("tenant_Ä b", "tenant_c"):
        database.execute(f'DROP SCHEMA "{name}" CASCADE; CREATE SCHEMA "{name}";'
                         f'ALTER DEFAULT PRIVILEGES IN SCHEMA "{name}" GRANT SELECT ON TABLES TO PUBLIC')
    states = project.godwit("status", "--check", "--json", code=3).json["tenants"]
    assert [t["pending"] for t in states] == [2, 2]
    # A run that fails half-way leaves nothing of the old history behind.
    project.migration(2, "two", "CREATE TABLE u (id int); SELECT 1/0;")
    failed = project.godwit("up", "--tenant", "tenant_c", code=1)
    assert failed.err.count("warning: tenant_c: the schema was dropped and made anew") == 1
    assert in_schema(database, "tenant_c") == ["t"]
    assert project.godwit("status", "--tenant", "tenant_c", "--json", code=0).json["tenants"][0]["pending"] == 1
    project.migration(2, "two", "CREATE TABLE u (id int); CREATE TABLE v (id int);")
    assert project.godwit("up", code=0).err.count("warning: tenant_Ä b: the schema was dropped and made anew") == 1
    for name in ("tenant_Ä b", "tenant_c"):
        assert in_schema(database, name) == ["t", "u", "v"]
    assert project.godwit("up", "--json", code=0).json["applied"] == []
    assert database.execute("SELECT tenant, outcome FROM godwit.events WHERE action = 'forget' ORDER BY 1") == [
        ("tenant_c", "ok"), ("tenant_Ä b", "ok")]


def test_baseline_of_a_schema_that_was_made_anew(schemas):
    project, database = schemas
    project.migration(2, "two", "CREATE TABLE u (id int);", "DROP TABLE u;")
    project.godwit("up", code=0)
    database.execute("DROP SCHEMA tenant_c CASCADE; CREATE SCHEMA tenant_c")
    project.godwit("baseline", "1", "--tenant", "tenant_c", "--yes", code=0)
    project.godwit("up", code=0)
    assert in_schema(database, "tenant_c") == ["u"]


@pytest.mark.parametrize("what", ["restored", "elsewhere", "rolled back", "old history"])
def test_another_oid_alone_is_no_new_tenant(schemas, what):
    """Restored from a dump; files that make nothing in the schema; nothing left by a down; rows of an older version."""
    project, database = schemas
    if what == "elsewhere":
        project.migration(1, "one", "INSERT INTO public.log VALUES (1);")
        database.execute("CREATE TABLE public.log (id int)")
    if what == "rolled back":
        project.migration(1, "one", "INSERT INTO public.log VALUES (1);", "")
        project.migration(2, "two", "CREATE TABLE t (id int);", "DROP TABLE t;")
        database.execute("CREATE TABLE public.log (id int)")
    project.godwit("up", code=0)
    if what == "rolled back":
        project.godwit("down", "--to", "1", code=0)
    if what == "old history":
        database.execute("UPDATE godwit.migrations SET details = NULL")
    database.execute("DROP SCHEMA tenant_c CASCADE; CREATE SCHEMA tenant_c")
    if what == "restored":
        database.execute("CREATE TABLE tenant_c.t (id int)")
    if what == "rolled back":
        project.godwit("up", "--to", "1", code=0)
        assert database.value("SELECT count(*) FROM public.log") == 2
        return
    assert project.godwit("up", "--json", code=0).json["applied"] == []
    project.godwit("status", "--check", code=0)
    assert database.value("SELECT count(*) FROM godwit.events WHERE action = 'forget'") == 0


def test_a_schema_that_holds_something_else_is_seen(schemas):
    """Dropped, made anew, and somebody has put a table into it before anything ran."""
    project, database = schemas
    project.migration(2, "two", "CREATE TABLE \"u .'\" (id int);", "DROP TABLE \"u .'\";")
    project.godwit("up", code=0)
    database.execute("DROP SCHEMA tenant_c CASCADE; CREATE SCHEMA tenant_c; CREATE TABLE tenant_c.mine (id int)")
    before = database.execute("SELECT * FROM godwit.migrations ORDER BY tenant, version")
    for words in (["up"], ["down", "--tenant", "tenant_c"], ["up", "--dry-run"], ["status"], ["status", "--check"],
                  ["baseline", "2", "--tenant", "tenant_c", "--yes"]):
        said = project.godwit(*words, code=1).err
        assert "schema tenant_c is not the one that its history is about" in said, words
        assert ("tenant_c.t" in said or words[0] == "status") and "repair --tenant tenant_c" in said, words
    assert database.execute("SELECT * FROM godwit.migrations ORDER BY tenant, version") == before
    assert database.tables("tenant_c") == ["mine"]
    # What has all the names is taken for it, as what came back from a dump.
    database.execute("CREATE VIEW tenant_c.t AS SELECT 1; CREATE TABLE tenant_c.\"u .'\" (id int)")
    project.godwit("status", code=0)
    project.godwit("up", code=0)
    database.execute("DROP VIEW tenant_c.t")
    assert "tenant_c.t" in project.godwit("up", code=1).err
    assert "made anew" in project.godwit("repair", "--tenant", "tenant_c", code=0).out
    project.godwit("status", "--check", code=0)
    assert project.godwit("up", "--json", code=0).json["applied"] == []
    database.execute("DROP SCHEMA tenant_c CASCADE; CREATE SCHEMA tenant_c")
    assert len(project.godwit("up", "--json", code=0).json["applied"]) == 2


# ---- docs, models, what has no DDL ---------------------------------------------------------------------------

ODD = 'CREATE TABLE "tenant_Ä b"."Odd ""x"" é" (id int PRIMARY KEY, "a b" text, m public.mood);'


@pytest.fixture
def unlike(schemas):
    """Two tenants whose schemas differ, beside what both share."""
    project, database = schemas
    database.execute(SHARED + ODD)
    return project, database, "tenant_Ä b"


def names_the_other(text):
    """In identifiers the Ä of the one is c384."""
    return re.search("tenant_c(?!384)", text) is not None


def test_models_of_one_tenant(unlike):
    project, _, name = unlike
    assert f"--tenant NAME (tenant_c, {name})" in project.godwit("models", "--lang", "ts", code=2).err
    for language in ("ts", "rust", "c", "json-schema"):
        one = project.godwit("models", "--lang", language, "--tenant", name, code=0).out
        other = project.godwit("models", "--lang", language, "--tenant", "tenant_c", code=0).out
        assert "odd" in one.lower() and "others" not in one.lower() and not names_the_other(one)
        assert "others" in other.lower() and "odd" not in other.lower() and name not in other
        assert "mood" in one.lower() and "plans" in one.lower()
        if language == "json-schema":
            assert "a b" in _strings(json.loads(one))
    assert project.godwit("models", "--lang", "ts", "--tenant", name, code=0).out == \
        project.godwit("models", "--lang", "ts", "--tenant", name, code=0).out


def _strings(value):
    if isinstance(value, dict):
        return [s for k, v in value.items() for s in [k, *_strings(v)]]
    if isinstance(value, list):
        return [s for v in value for s in _strings(v)]
    return [value] if isinstance(value, str) else []


def test_docs_of_one_tenant(unlike):
    project, _, name = unlike
    assert f"--tenant NAME (tenant_c, {name})" in project.godwit("docs", "--out", "site", code=2).err
    project.migration(2, "only_in_c", "CREATE TABLE more (id int);")
    project.godwit("up", "--tenant", "tenant_c", code=0)
    for tenant, has, lacks in ((name, "Odd", "others"), ("tenant_c", "others", "Odd")):
        for form in ("html", "markdown"):
            out = f"site_{form}_{has}"
            project.godwit("docs", "--out", out, "--format", form, "--tenant", tenant, code=0)
            files = [f for f in (project.path / out).rglob("*") if f.suffix in (".html", ".md", ".svg", ".js", ".json")]
            text = "".join(f.read_text() for f in files).replace("\\_", "_")
            assert has in text and "all_plans" in text, (tenant, form)
            assert lacks not in text and names_the_other(text) == (tenant == "tenant_c"), (tenant, form)
            # What the other one ran is no change of this one.
            assert ("only_in_c" in text) == (tenant == "tenant_c" and form == "html"), (tenant, form)


def test_models_and_docs_of_migrations_for_one_tenant(schemas):
    """As the files run for it: in its schema, beside what all share."""
    project, database = schemas
    name = "tenant_Ä b"
    database.execute(SHARED)
    project.migration(2, "two", "CREATE TABLE u (m mood, p int REFERENCES plans (id));")
    models, docs = ("models", "--lang", "ts", "--from", "migrations"), ("docs", "--out", "d", "--format", "markdown", "--from", "migrations")
    for words in (models, docs):
        assert f"its tenants: tenant_c, {name}" in project.godwit(*words, "--tenant", "nobody", code=2).err
    one = project.godwit(*models, "--tenant", name, code=0).out
    assert "interface Tenantc384BU " in one and "interface Plans " in one and "MoodValues" in one
    assert "others" not in one.lower() and not names_the_other(one)
    project.godwit(*docs, "--tenant", name, code=0)
    page = (project.path / "d" / "schema.md").read_text().replace("\\_", "_")
    assert f"{name}.u" in page.replace('"', "") and "public.plans" in page and not names_the_other(page)
    # Nothing has run, and what ran in a tenant is what its migrations say.
    assert database.tables(name) == []
    project.godwit("up", "--tenant", name, code=0)
    live = project.godwit("models", "--lang", "ts", "--tenant", name, code=0).out
    assert live == one


def invalid_index(database, table, name):
    """What a build that failed leaves: Godwit has no DDL for it."""
    database.execute(f"CREATE TABLE {table} (id int); INSERT INTO {table} VALUES (1), (1)")
    with pytest.raises(Exception, match="could not create unique index"):
        database.execute(f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} (id)")


def test_what_others_have_without_ddl_is_no_difference(unlike):
    project, database, name = unlike
    mine, other = ("--tenant", name), ("--tenant", "tenant_c")
    invalid_index(database, "tenant_c.twice", "twice_id")
    database.execute("SELECT lo_create(0); CREATE TABLE public.counted (id int GENERATED ALWAYS AS IDENTITY);"
                     "GRANT USAGE ON SEQUENCE public.counted_id_seq TO PUBLIC")
    project.write("dumped.sql", project.godwit("dump", *mine, code=0).out)
    project.godwit("diff", "--from", "database", "--to", "dumped.sql", *mine, code=0)
    said = project.godwit("dump", *mine, code=0)
    assert "twice_id" not in said.out + said.err and "large object" not in said.out + said.err
    assert "twice_id" in project.godwit("dump", *other, code=0).err
    project.write("other.sql", project.godwit("dump", *other, code=0).out)
    unequal = project.godwit("diff", "--from", "database", "--to", "other.sql", *other, code=3)
    assert "index tenant_c.twice_id is invalid" in unequal.out + unequal.err


def test_what_is_there_already_is_the_tenants_own(make_project, database):
    project = make_project(database.url)
    database.execute('CREATE SCHEMA tenant_a; CREATE SCHEMA "tenant_Ä b"')
    project.config({"project": "t", "migrations": "migrations", "default": "x", "environments": {
        "x": {"url": database.url, "for_each": {"schemas": "tenant_%"}}}})
    project.migration(1, "one", "CREATE TABLE t (id int);")
    project.godwit("up", "--tenant", "tenant_a", code=0)
    database.execute('CREATE VIEW "tenant_Ä b".t AS SELECT 1 AS id; CREATE SCHEMA tenant_c')
    result = project.godwit("up", "--json", code=1).json
    error, = [one["error"] for one in result["tenants"] if one["error"]]
    assert error["detail"].startswith('"tenant_Ä b".t is a view, owned by '), error
    assert "godwit baseline 1 --tenant 'tenant_Ä b' marks it as applied for this tenant alone" in error["hint"]
    database.execute("CREATE SCHEMA tenant_d")
    listed = project.godwit("baseline", "1", "--dry-run", code=0).out
    assert "  tenant_d: 1 one" in listed and "  tenant_Ä b: 1 one" in listed and "tenant_a" not in listed
    document = project.godwit("baseline", "1", "--tenant", "tenant_Ä b", "--json", code=0).json
    assert [(one["tenant"], [m["version"] for m in one["marked"]]) for one in document["tenants"]] == [("tenant_Ä b", ["1"])]
    assert "t" in [name for name, in database.execute("SELECT relname FROM pg_class WHERE relnamespace = 'tenant_c'::regnamespace")]
    project.godwit("status", "--check", code=3)  # tenant_d is not marked


def test_a_baseline_that_one_tenant_refuses_names_it(databases):
    project, first, second = databases
    project.migration(1, "one", "-- godwit: no-transaction\nCREATE TABLE t (id int);\nSELECT 1 / n FROM s;\n")
    for database, n in ((first, 1), (second, 0)):
        database.execute(f"CREATE TABLE s AS SELECT {n} AS n")
    project.godwit("up", code=1)
    error = project.godwit("baseline", "1", "--json", code=1).json["error"]
    assert f"tenant {second.name}" in error["detail"] and "stopped after 1 of 2 statements" in error["message"]


def test_a_pattern_of_databases_is_taken_for_a_name(make_project, database):
    project = make_project(database.url)
    project.config({"project": "t", "migrations": "migrations", "default": "x",
                    "environments": {"x": {"url": database.url, "for_each": {"databases": ["crm_%"]}}}})
    project.migration(1, "one", "CREATE TABLE a (id int);")
    for command, code in (("up", 1), ("status", 4)):
        assert 'for_each: { schemas: "crm_%" }' in project.godwit(command, code=code).err
