"""--tenant: one of the tenants of an environment, for what is about one database; without it a refusal that says how."""
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
    assert "--tenant NAME" in project.godwit("verify", code=(0, 3)).err
    second.execute("DROP TABLE by_hand")
    project.godwit("push", "schema.sql", "--tenant", second.name, "--yes", code=0)
    assert second.value("SELECT format_type(atttypid, -1) FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum = 1") == "bigint"
    assert "t" not in first.tables()
    assert "bigint" in project.godwit("dump", "--tenant", second.name, code=0).out


def test_schemas_are_planned_one_at_a_time_and_not_compared(schemas):
    project, database = schemas
    name = "tenant_Ä b"
    assert f"--tenant NAME (tenant_c, {name})" in project.godwit("plan", code=2).err
    plan = project.godwit("plan", "--tenant", name, "--json", code=(0, 3)).json
    assert f'"{name}".t' in str(plan["schema_changes"] if "schema_changes" in plan else plan)
    project.godwit("up", "--tenant", name, code=0)
    assert database.tables(name) == ["t"] and database.tables("tenant_c") == []
    assert project.godwit("plan", "--tenant", name, "--json", code=0).json["migrations"] == []
    project.migration(2, "two", "ALTER TABLE t ADD n int;", "ALTER TABLE t DROP n;")
    project.godwit("plan", "--tenant", name, code=(0, 3))
    assert database.value("SELECT count(*) FROM pg_attribute WHERE attname = 'n' AND attrelid = '\"tenant_Ä b\".t'::regclass") == 0
    project.write("schema.sql", "CREATE TABLE t (id bigint);")
    for words in (["push", "schema.sql", "--yes"], ["dump"], ["diff", "--from", "database", "--to", "schema.sql"]):
        refused = project.godwit(*words, "--tenant", name, code=2)
        assert "schemas of one database" in refused.err and "godwit up" in refused.err, words
    assert "CREATE SCHEMA tenant_c" in project.godwit("diff", "--from", "schema.sql", "--to", database.url, code=3).out


@pytest.mark.parametrize("command", ["up", "status", "plan", "down", "verify"])
def test_a_tenant_that_is_not_there_is_wrong_usage(schemas, command):
    project, _ = schemas
    error = project.godwit(command, "--tenant", "no such", "--yes", code=2).err
    assert 'has no tenant "no such"' in error and "tenant_c" in error


def test_an_environment_without_tenants_says_so(project):
    assert "has no tenants at all" in project.godwit("status", "--tenant", "a", code=2).err
