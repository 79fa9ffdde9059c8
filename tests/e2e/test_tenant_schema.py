"""A tenant that is a schema: where its search_path does not lead to that schema, nothing of its files runs, in whichever
way a file runs. The server itself passes over what is gone or may not be used, and takes the next schema: public."""
import pytest

from harness.waiting import until

DENIED = "tenant_b"
UPS = {
    "whole": ("CREATE TABLE t (id int);", ()),
    "settled": ("SET LOCAL work_mem = '1MB';\nCREATE TABLE t (id int);", ()),
    "one by one": ("CREATE TABLE t (id int);\nCOPY t FROM stdin;\n1\n\\.\n", ()),
    "atomic": ("CREATE TABLE t (id int);", ("--atomic",)),
    "steps": ("-- godwit: no-transaction\nCREATE TABLE t (id int);\nCREATE INDEX CONCURRENTLY i ON t (id);\n", ()),
    "block": ("-- godwit: no-transaction\nBEGIN;\nCREATE TABLE t (id int);\nCOMMIT;\n", ()),
    "alone": ("CREATE INDEX CONCURRENTLY i ON shared (id);\n", ()),
    "batch": ("-- godwit: batch shared.id 10\nUPDATE shared SET v = 1 WHERE id BETWEEN $1 AND $2;\n", ()),
    "repeatable": ("-- godwit: repeatable\nCREATE OR REPLACE VIEW t AS SELECT 1 AS one;\n", ()),
}


@pytest.fixture
def tenants(make_project, database):
    """tenant_a and tenant_b; what `shared` names is in each of them, and in public."""
    role = database.role("GRANT CREATE ON DATABASE {database} TO {role}", "GRANT ALL ON SCHEMA public TO {role}")
    for schema in ("tenant_a", DENIED, "public"):
        database.execute(f'CREATE SCHEMA IF NOT EXISTS {schema}; GRANT ALL ON SCHEMA {schema} TO "{role}";'
                         f'CREATE TABLE {schema}.shared (id int PRIMARY KEY, v int);'
                         f'INSERT INTO {schema}.shared VALUES (1, 0); ALTER TABLE {schema}.shared OWNER TO "{role}"')
    project = make_project(database.url_for(role))
    project.role = role
    project.config({"project": "t", "migrations": "migrations", "default": "x", "environments": {
        "x": {"url": database.url_for(role), "for_each": {"schemas": "tenant_%", "jobs": 1}}}})
    return project


def revoke(database, project):
    database.execute(f'REVOKE USAGE ON SCHEMA {DENIED} FROM "{project.role}"')


def seen(database, schema):
    """All that a file of these tests would leave there."""
    return (database.execute("SELECT relname::text FROM pg_class WHERE relnamespace = %s::regnamespace ORDER BY 1", [schema]),
            database.execute(f"SELECT * FROM {schema}.shared"))


@pytest.mark.parametrize("way", UPS)
def test_without_usage_on_the_schema_nothing_runs(tenants, database, way):
    text, words = UPS[way]
    tenants.migration(1, "one", text)
    revoke(database, tenants)
    before = {s: seen(database, s) for s in ("public", DENIED)}
    refused = tenants.godwit("up", *words, code=1)
    assert f'role "{tenants.role}" may not use schema "{DENIED}"' in refused.err
    assert f'GRANT USAGE, CREATE ON SCHEMA "{DENIED}" TO "{tenants.role}"' in refused.err
    assert {s: seen(database, s) for s in ("public", DENIED)} == before
    assert database.execute("SELECT tenant FROM godwit.migrations") == [("tenant_a",)]
    database.execute(f'GRANT USAGE ON SCHEMA {DENIED} TO "{tenants.role}"')
    tenants.godwit("up", *words, code=0)
    assert seen(database, DENIED) == seen(database, "tenant_a") and seen(database, "public") == before["public"]


@pytest.mark.parametrize("down", ["DROP TABLE shared;", "SET LOCAL work_mem = '1MB';\nDROP TABLE shared;",
                                  "-- godwit: no-transaction\nDROP TABLE shared;\nSELECT 1;\n"])
def test_a_down_takes_nothing_from_public(tenants, database, down):
    tenants.migration(1, "one", "CREATE TABLE t (id int);", down)
    tenants.godwit("up", code=0)
    revoke(database, tenants)
    before = seen(database, "public")
    refused = tenants.godwit("down", "--tenant", DENIED, "--yes", "--allow-data-loss", code=1)
    assert f'may not use schema "{DENIED}"' in refused.err
    assert seen(database, "public") == before
    assert database.execute("SELECT state FROM godwit.migrations ORDER BY tenant") == [("applied",), ("applied",)]


CHANGES = {"gone": f"DROP SCHEMA {DENIED} CASCADE", "called \"other\" now": f"ALTER SCHEMA {DENIED} RENAME TO other",
           "is gone": f"DROP SCHEMA {DENIED} CASCADE; CREATE SCHEMA {DENIED}; GRANT ALL ON SCHEMA {DENIED} TO PUBLIC"}


@pytest.mark.parametrize("said", CHANGES)
@pytest.mark.parametrize("way", ["whole", "steps"])
def test_a_schema_that_goes_after_the_tenants_were_listed(tenants, database, said, way):
    tenants.migration(1, "one", "SELECT 1;")
    tenants.godwit("up", code=0)
    tenants.migration(2, "two", UPS[way][0])
    before = seen(database, "public")
    holder = database.connect(autocommit=False)
    cursor = holder.cursor()
    cursor.execute("SELECT FROM godwit.run_lock WHERE name = 'run' FOR UPDATE")
    run = tenants.start("up", "--wait", "60s")
    waits = "SELECT count(*) FROM pg_stat_activity WHERE usename = %s AND query LIKE '%%run_lock%%'"
    until(lambda: database.value(waits, [tenants.role]), what="the run to wait for the lock")
    cursor.execute(CHANGES[said])
    holder.commit()
    holder.close()
    refused = run.finish(code=1)
    assert f'schema "{DENIED}" of this tenant' in refused.err and said in refused.err
    assert seen(database, "public") == before
    assert database.execute("SELECT tenant FROM godwit.migrations WHERE version = '2'") == [("tenant_a",)]
    tenants.godwit("up", code=(0, 1))
    assert seen(database, "public") == before


@pytest.mark.parametrize("head", ["", "SET LOCAL work_mem = '1MB';\n", "-- godwit: no-transaction\nSELECT 1;\n"])
def test_a_schema_that_goes_while_its_file_runs(tenants, database, head):
    tenants.migration(1, "one", head + "DO $$ BEGIN IF current_schema() = 'tenant_b' THEN "
                                       "ALTER SCHEMA tenant_b RENAME TO other; CREATE TABLE t (id int); END IF; END $$;")
    database.execute(f'ALTER SCHEMA {DENIED} OWNER TO "{tenants.role}"')
    before = seen(database, "public")
    refused = tenants.godwit("up", code=1)
    assert f'schema "{DENIED}" of this tenant was not where its file would run' in refused.err
    assert seen(database, "public") == before and "shared" in database.tables(DENIED)


def test_what_a_file_makes_of_its_search_path_and_role_is_its_own(tenants, database):
    other = database.role("GRANT ALL ON SCHEMA public TO {role}", options="NOLOGIN")
    database.execute(f'GRANT "{other}" TO "{tenants.role}"')
    tenants.migration(1, "path", "SET search_path = public;\nCREATE TABLE IF NOT EXISTS t1 (id int);")
    tenants.migration(2, "role", f'SET ROLE "{other}";\nCREATE TABLE IF NOT EXISTS public.t2 (id int);')
    tenants.migration(3, "steps", f'-- godwit: no-transaction\nSET ROLE "{other}";\nCREATE TABLE IF NOT EXISTS public.t3 (id int);\n'
                                  "SET search_path = public;\nCREATE TABLE IF NOT EXISTS t4 (id int);\n")
    tenants.godwit("up", code=0)
    assert database.tables() == ["shared", "t1", "t2", "t3", "t4"]


def test_outside_a_transaction_a_tenant_needs_a_session_of_its_own(tenants, database, pgbouncer):
    tenants.migration(1, "one", UPS["steps"][0])
    tenants.config({"project": "t", "migrations": "migrations", "default": "x", "environments": {
        "x": {"url": pgbouncer.url(database.name), "for_each": {"schemas": "tenant_%", "jobs": 1}}}})
    before = seen(database, "public")
    refused = tenants.godwit("up", code=1)
    assert "1_one.up.sql:1:1" in refused.err and "tenant that is a schema" in refused.err and "direct_url" in refused.err
    assert seen(database, "public") == before
