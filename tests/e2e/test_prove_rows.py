"""diff and push --prove-rows: rows that are made up on a shadow come through the plan."""
import pytest

AWKWARD = '"we ""quoted"" Tàble"'
BASE = f"""
CREATE TYPE mood AS ENUM ('sad', 'it''s ok');
CREATE TABLE owner (id int PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE {AWKWARD} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner_id int NOT NULL REFERENCES owner,
    "ä b" mood NOT NULL, price numeric(6,2) CHECK (price > 0), day date, twice int GENERATED ALWAYS AS (owner_id * 2) STORED);
CREATE TABLE part (id int, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
"""


@pytest.fixture
def shop(project, database):
    database.execute(BASE)
    return project


def diff(project, schema, *words, **options):
    project.write("schema.sql", schema)
    return project.godwit("diff", "--from", "database", "--to", "schema.sql", "--prove-rows", *words, **options)


@pytest.mark.slow
def test_rows_come_through_renames_wider_types_and_detached_partitions(shop):
    wanted = (BASE.replace("CREATE TABLE owner", "CREATE TABLE people").replace("REFERENCES owner", "REFERENCES people")
              .replace("name text", "full_name varchar(90)").replace("numeric(6,2)", "numeric(9,4)")
              .replace("day date", "day timestamp").replace("owner_id * 2", "owner_id * 3")
              .replace("CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
                       "CREATE TABLE part_1 (id int, at date NOT NULL)"))
    plan = diff(shop, wanted, "--rename", "owner=people", "--rename", "owner.name=full_name", code=3)
    assert "-- Proven with rows: 9 rows in 3 tables came through it." in plan.out, plan.out
    assert "was not tried" not in plan.err
    document = diff(shop, wanted, "--rename", "owner=people", "--rename", "owner.name=full_name", "--json",
                    code=3).json
    assert document["rows_proven"] == {"tables": 3, "rows": 9, "not_tried": []}


def test_what_the_plan_declares_lost_is_no_finding(shop):
    plan = diff(shop, "CREATE TABLE owner (id smallint PRIMARY KEY);", code=3)
    assert "Proven with rows: 3 rows in 1 table came" in plan.out
    assert "data may be lost" in plan.err


def test_rows_that_the_new_schema_refuses_are_said_and_the_others_tried(shop):
    wanted = (BASE.replace("name text NOT NULL UNIQUE", "name text NOT NULL UNIQUE CHECK (name ~ '^[0-9]{11}$')")
              .replace("CREATE TABLE part (id int", "CREATE TABLE part (fresh int NOT NULL, id int"))
    result = diff(shop, wanted, "--json", code=3)
    untried = {item["table"]: item["reason"] for item in result.json["rows_proven"]["not_tried"]}
    assert "public.owner" in untried and "violated by some row" in untried["public.owner"]
    assert any(table.startswith("public.part") and "null values" in reason for table, reason in untried.items())
    assert result.json["proven"] is True


@pytest.mark.parametrize("does, says", [
    (f"DELETE FROM {AWKWARD} WHERE id = (SELECT max(id) FROM {AWKWARD})",
     [f"rows of public.{AWKWARD}: 3 before, 2 after"]),
    ("UPDATE owner SET name = name || '!'", ["values of public.owner (name), where 3 rows are"]),
    ("INSERT INTO part VALUES (1, '2024-02-02'); TRUNCATE owner CASCADE", ["rows of public.owner: 3 before, 0 after",
                                                                        "part_1: 3 before, 4 after"]),
])
def test_rows_lost_on_the_way_are_an_error(shop, database, does, says):
    """DDL that runs a function may do anything: here an event trigger of the database."""
    trigger = ("CREATE FUNCTION eats() RETURNS event_trigger LANGUAGE plpgsql SET search_path = public AS $$ BEGIN "
               f"IF to_regclass('extra') IS NOT NULL THEN {does}; END IF; END $$;"
               "CREATE EVENT TRIGGER eats ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION eats();")
    database.execute(trigger)
    plan = diff(shop, BASE + trigger + "CREATE TABLE extra (id int);", code=1)
    assert plan.out == ""
    for words in says:
        assert words in plan.err, plan.err
    shop.godwit("diff", "--from", "database", "--to", "schema.sql", code=3)


def test_rows_that_migrations_make_are_kept(project, database):
    project.migration(1, "one", "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (7, 'seven');")
    project.write("schema.sql", "CREATE TABLE t (id bigint PRIMARY KEY, v text, w int);")
    plan = project.godwit("diff", "--from", "migrations", "--to", "schema.sql", "--prove-rows", code=3)
    assert "Proven with rows: 1 row in 1 table came" in plan.out


def test_push_proves_with_rows_too(shop, database):
    shop.write("schema.sql", BASE + "ALTER TABLE owner ADD extra int;")
    result = shop.godwit("push", "schema.sql", "--prove-rows", "--yes", "--json", code=0)
    assert result.json["rows_proven"]["rows"] == 9 and result.json["applied"] is True
    assert database.value("SELECT count(*) FROM owner") == 0, "the database itself gets no rows"


def test_no_proof_and_proof_with_rows_exclude_each_other(shop):
    diff(shop, BASE, "--no-proof", code=2)
    assert diff(shop, BASE, "--json", code=0).json.get("rows_proven") is None
