"""Extensions that the server of the shadows lacks are left out, said by name, and stop nothing that does not need them."""
import pytest

NAME = "no such àxtension"
SQL_NAME = '"no such àxtension"'
WITH_IT = f"CREATE EXTENSION {SQL_NAME}; CREATE TABLE t (id int PRIMARY KEY);"


def install(database, name=NAME):
    """An extension of this one database: nothing on disk knows it, so no other server can make it."""
    quoted = '"' + name + '"'
    database.execute("CREATE FUNCTION marker(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1'; "
                     "CREATE TYPE shape AS (x int, y int);"
                     "INSERT INTO pg_catalog.pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion) "
                     "SELECT pg_nextoid('pg_extension', 'oid', 'pg_extension_oid_index'), %s, 10, 2200, true, '1'", (name,))
    database.execute(f"ALTER EXTENSION {quoted} ADD FUNCTION marker(int); ALTER EXTENSION {quoted} ADD TYPE shape")


@pytest.mark.slow
def test_it_is_left_out_and_said_and_the_plan_is_proven(project, database):
    install(database)
    database.execute("CREATE TABLE t (id int PRIMARY KEY)")
    project.write("schema.sql", WITH_IT.replace("id int", "id bigint"))
    result = project.godwit("diff", "--from", "database", "--to", "schema.sql", code=3)
    assert "ALTER COLUMN id TYPE bigint" in result.out and "-- Proven on a shadow" in result.out
    assert "EXTENSION" not in result.out
    assert f"schema.sql:1:1: CREATE EXTENSION {NAME} is left out: PostgreSQL" in result.err
    assert f"extension {SQL_NAME} is left out where plans are tried" in result.err
    project.godwit("diff", "--from", "database", "--to", "schema.sql", "--prove-rows", code=3)
    assert project.godwit("push", "schema.sql", "--yes", "--json", code=0).json["applied"] is True
    assert project.godwit("diff", "--from", "database", "--to", "schema.sql", code=0).out == ""


def test_one_that_is_in_one_schema_only_is_a_difference(project, database):
    database.execute("CREATE TABLE t (id int PRIMARY KEY)")
    project.write("schema.sql", WITH_IT.replace(SQL_NAME, SQL_NAME + " SCHEMA public"))
    result = project.godwit("diff", "--from", "database", "--to", "schema.sql", code=3)
    assert f"CREATE EXTENSION IF NOT EXISTS {SQL_NAME} WITH SCHEMA public;" in result.out
    assert "was not tried: PostgreSQL" in result.err
    install(database)
    project.write("schema.sql", "CREATE TABLE t (id int PRIMARY KEY);")
    result = project.godwit("diff", "--from", "database", "--to", "schema.sql", code=3)
    assert f"DROP EXTENSION {SQL_NAME};" in result.out
    assert project.godwit("push", "schema.sql", "--yes", "--json", code=0).json["applied"] is True


@pytest.mark.parametrize("uses, named", [
    ("CREATE VIEW v AS SELECT marker(1) AS m", "view public.v"),
    ("CREATE TABLE geo (\"a b\" shape)", "column public.geo.\"a b\""),
])
def test_what_needs_it_is_named(project, database, make_database, uses, named):
    install(database)
    other = make_database()
    install(other)
    database.execute(uses)
    for words in (("--from", "database", "--to", other.url), ("--from", other.url, "--to", "database")):
        error = project.godwit("diff", *words, code=1).err
        assert f"{named} needs extension {SQL_NAME}, which PostgreSQL" in error
        assert "shadow: { url: … }" in error
    assert "NOT PROVEN" in project.godwit("diff", "--from", "database", "--to", other.url, "--no-proof", code=3).out
    other.execute(uses)
    project.godwit("diff", "--from", "database", "--to", other.url, code=0)
    project.write("schema.sql", f"CREATE EXTENSION {SQL_NAME};\n{uses};")
    error = project.godwit("diff", "--from", "schema.sql", "--to", "database", code=1).err
    assert "does not exist" in error and "schema.sql:2:" in error and f"extension {NAME}" in error


@pytest.mark.slow
def test_plan_test_and_verify_go_on_without_it(project, database):
    project.migration(1, "one", "CREATE TABLE a (id int PRIMARY KEY);", "DROP TABLE a;")
    project.godwit("up", code=0)
    install(database)
    project.migration(2, "two", f"CREATE EXTENSION IF NOT EXISTS {SQL_NAME};", f"DROP EXTENSION {SQL_NAME};")
    project.migration(3, "three", "CREATE TABLE b (id int);", "DROP TABLE b;")
    plan = project.godwit("plan", "--json", code=(0, 3)).json
    text = str(plan)
    assert f"CREATE EXTENSION {NAME}: PostgreSQL" in text and "where files are tried, lacks it" in text
    tested = project.godwit("test", code=0)
    assert f"CREATE EXTENSION {NAME} is left out" in tested.err + tested.out
    assert f"DROP EXTENSION {NAME} is left out" in tested.err + tested.out
    project.godwit("up", code=0)
    verified = project.godwit("verify", code=0)
    assert NAME in verified.err + verified.out
    database.execute("CREATE TABLE by_hand (id int)")
    drift = project.godwit("verify", code=3)
    assert "by_hand" in drift.out and "DROP EXTENSION" not in drift.out


def test_a_migration_that_needs_it_fails_with_its_name(project, database):
    project.migration(1, "one", f"CREATE EXTENSION {SQL_NAME};")
    project.migration(2, "two", "CREATE TABLE geo (at shape);")
    error = project.godwit("diff", "--from", "migrations", "--to", "database", code=1).err
    assert 'type "shape" does not exist' in error and f"extension {NAME}" in error
    tested = project.godwit("test", code=3)
    assert 'type "shape" does not exist' in tested.out and f"extension {NAME}" in tested.out
