"""What the run itself arms (foreign keys), and what the database's event triggers do to its commands, is a loss too."""
import pytest

BASE = """
    CREATE TABLE p (id int PRIMARY KEY, a text);
    CREATE TABLE c (id int PRIMARY KEY, p int, name varchar(20));
    CREATE TABLE d (id int PRIMARY KEY, c int REFERENCES c ON DELETE CASCADE);
    CREATE TABLE kept (id int PRIMARY KEY, p int CONSTRAINT kept_p REFERENCES p ON DELETE CASCADE);
    CREATE TABLE "we ""q"" é" (id int PRIMARY KEY, "p 1" int);
    CREATE TABLE log (id int);
    CREATE TABLE empty_one (id int, a text);
"""
ROWS = """
    INSERT INTO p SELECT i, 'x' FROM generate_series(1, 3) i;
    INSERT INTO c SELECT i, nullif(i % 4, 0) FROM generate_series(1, 8) i;
    INSERT INTO d SELECT i, 1 FROM generate_series(1, 5) i;
    INSERT INTO kept VALUES (1, 3);
    INSERT INTO "we ""q"" é" VALUES (1, 1), (2, 2), (3, NULL);
    INSERT INTO log VALUES (1), (2);
"""
FUNCTIONS = """
    CREATE FUNCTION wipes() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN DELETE FROM log; END $f$;
    CREATE FUNCTION prunes() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN DELETE FROM log WHERE id < 2; END $f$;
    CREATE FUNCTION tidies() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN PERFORM helps(); END $f$;
    CREATE FUNCTION helps() RETURNS void LANGUAGE sql AS 'TRUNCATE log';
    CREATE FUNCTION notes() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN INSERT INTO log VALUES (1); END $f$;
    CREATE FUNCTION builds() RETURNS event_trigger LANGUAGE plpgsql AS
        $f$ BEGIN EXECUTE 'DROP TABLE ' || quote_ident('log'); END $f$;
"""


@pytest.fixture
def shop(project, database):
    project.migration(1, "base", BASE)
    project.godwit("up", code=0)
    database.execute(ROWS + FUNCTIONS)
    return project


def losses(project):
    return {(one["kind"], one["object"]): (one["rows"], one.get("at_most", False))
            for one in project.godwit("up", "--dry-run", "--json", code=0).json["data_loss"]}


def deleted(name, rows, at_most=False):
    return {("deleted_rows", f"public.{name}"): (rows, at_most)}


def truncated(name, rows):
    return {("truncated_table", f"public.{name}"): (rows, False)}


ADD = "ALTER TABLE c ADD CONSTRAINT c_p FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE; "
HARD = 'ALTER TABLE "we ""q"" é" ADD CONSTRAINT "k ""1""" FOREIGN KEY ("p 1") REFERENCES p (id)'
KEPT = deleted("kept", 1)
NEW = "CREATE TABLE n (id int PRIMARY KEY); INSERT INTO n SELECT generate_series(1, 3); "


@pytest.mark.parametrize("sql, expected", [
    (ADD + "DELETE FROM p WHERE id = 1", {**deleted("c", 2), **deleted("d", 5), **deleted("kept", 0)}),
    (ADD + "DELETE FROM p", {**deleted("p", 3), **deleted("c", 6), **deleted("d", 5), **KEPT}),
    (ADD + "TRUNCATE p CASCADE", {**truncated("p", 3), **truncated("c", 8), **truncated("d", 5), **truncated("kept", 1)}),
    ("ALTER TABLE c ADD FOREIGN KEY (p) REFERENCES p; TRUNCATE p CASCADE",
     {**truncated("p", 3), **truncated("c", 8), **truncated("d", 5), **truncated("kept", 1)}),
    (HARD + " ON DELETE CASCADE; DELETE FROM p WHERE id = 2", {**deleted('"we ""q"" é"', 1), **deleted("kept", 0)}),
    (HARD + " ON DELETE SET NULL; DELETE FROM p WHERE id = 2",
     {("overwritten_column", 'public."we ""q"" é"."p 1"'): (1, False), **deleted("kept", 0)}),
    # What it refers to is the run's own, or by another name by then.
    (NEW + "ALTER TABLE c ADD FOREIGN KEY (p) REFERENCES n ON DELETE CASCADE; DELETE FROM n WHERE id = 2",
     {**deleted("c", 6, True), **deleted("d", 5, True)}),
    (NEW + "ALTER TABLE c ADD FOREIGN KEY (p) REFERENCES n; TRUNCATE n CASCADE", {**truncated("c", 8), **truncated("d", 5)}),
    (ADD + "ALTER TABLE c RENAME TO c2; ALTER TABLE p RENAME TO p2; DELETE FROM p2",
     {**deleted("p", 3), **deleted("c", 6), **deleted("d", 5), **KEPT}),
    ("ALTER TABLE c ADD p2 int REFERENCES p ON DELETE CASCADE; UPDATE c SET p2 = p; DELETE FROM p WHERE id = 1",
     {**deleted("c", 8, True), **deleted("d", 5, True), **deleted("kept", 0)}),
    ("ALTER TABLE c ADD p2 int DEFAULT 1 REFERENCES p ON DELETE CASCADE; DELETE FROM p WHERE id = 1",
     {**deleted("c", 8, True), **deleted("d", 5, True), **deleted("kept", 0)}),
    # Nothing is lost by them:
    (ADD + "DELETE FROM c WHERE id = 8", {**deleted("d", 0)}),
    ("DELETE FROM p WHERE id = 1; " + ADD, deleted("kept", 0)),
    (ADD + "ALTER TABLE c DROP CONSTRAINT c_p; DELETE FROM p WHERE id = 1", deleted("kept", 0)),
    (ADD.replace("CASCADE", "RESTRICT") + "DELETE FROM p WHERE id = 1", deleted("kept", 0)),
    (ADD + "INSERT INTO p VALUES (9); UPDATE p SET a = 'y' WHERE id = 1", {}),
    ("ALTER TABLE c ADD p2 int REFERENCES p ON DELETE CASCADE; DELETE FROM p WHERE id = 1", deleted("kept", 0)),
    ("ALTER TABLE kept DROP CONSTRAINT kept_p; DELETE FROM p WHERE id = 3", {}),
    ("ALTER TABLE kept DROP CONSTRAINT kept_p, ADD CONSTRAINT kept_p FOREIGN KEY (p) REFERENCES p; DELETE FROM p WHERE id = 3", {}),
    ("ALTER TABLE kept DROP CONSTRAINT kept_p; TRUNCATE p CASCADE", truncated("p", 3)),
    ("CREATE TABLE n (id int PRIMARY KEY, p int REFERENCES p ON DELETE CASCADE); INSERT INTO n VALUES (1, 1);"
     "DELETE FROM p WHERE id = 1", deleted("kept", 0)),
])
def test_keys_that_the_run_makes(shop, sql, expected):
    shop.migration(2, "next", sql + ";")
    assert losses(shop) == expected


def watch(event, call="wipes", when="", name="w"):
    return f"CREATE EVENT TRIGGER {name} ON {event} {when and f'WHEN TAG IN ({when})'} EXECUTE FUNCTION {call}()"


LOG = deleted("log", 2)


@pytest.mark.parametrize("there, sql, expected", [
    (watch("ddl_command_end"), "CREATE TABLE fresh (id int)", LOG),
    (watch("ddl_command_start", "tidies"), "CREATE VIEW v AS SELECT 1", truncated("log", 2)),
    (watch("ddl_command_end", "prunes"), "COMMENT ON TABLE c IS 'x'", deleted("log", 2, True)),
    (watch("ddl_command_end", when="'CREATE TABLE AS', 'CREATE FUNCTION'"), "CREATE TABLE fresh AS SELECT 1 AS id", LOG),
    (watch("ddl_command_end", when="'CREATE FUNCTION'"), "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", LOG),
    (watch("ddl_command_end", when="'GRANT'"), "GRANT SELECT ON c TO PUBLIC", LOG),
    (watch("sql_drop"), "DROP TABLE empty_one", {("dropped_table", "public.empty_one"): (0, False), **LOG}),
    (watch("sql_drop", when="'ALTER TABLE'"), "ALTER TABLE empty_one DROP a", {("dropped_column", "public.empty_one.a"): (0, False), **LOG}),
    (watch("table_rewrite"), "ALTER TABLE empty_one SET UNLOGGED", deleted("log", 2, True)),
    (watch("ddl_command_end"), "DO $$ BEGIN CREATE TABLE fresh (id int); END $$", LOG),
    (watch("ddl_command_end", name='"W 1"') + '; ALTER EVENT TRIGGER "W 1" DISABLE',
     'ALTER EVENT TRIGGER "W 1" ENABLE; CREATE TABLE fresh (id int)', LOG),
    ("", watch("ddl_command_end") + "; CREATE TABLE fresh (id int)", LOG),
    # Nothing is lost:
    (watch("ddl_command_end", "notes"), "CREATE TABLE fresh (id int)", {}),
    (watch("ddl_command_end"), "INSERT INTO log VALUES (3); UPDATE c SET name = 'x' WHERE id = 1", {}),
    (watch("ddl_command_end", when="'CREATE TABLE', 'ALTER TABLE'"), "CREATE TABLE fresh AS SELECT 1 AS id; CREATE INDEX ON c (p)", {}),
    (watch("sql_drop"), "ALTER TABLE c ALTER name SET DEFAULT 'x'; ALTER TABLE c ADD extra int", {}),
    (watch("table_rewrite"), "ALTER TABLE c ADD extra int DEFAULT 3; CREATE TYPE ty AS ENUM ('a')", {}),
    (watch("ddl_command_end") + "; ALTER EVENT TRIGGER w DISABLE", "CREATE TABLE fresh (id int)", {}),
    (watch("ddl_command_end"), "ALTER EVENT TRIGGER w DISABLE; CREATE TABLE fresh (id int)", {}),
    (watch("ddl_command_end"), "DROP EVENT TRIGGER w; CREATE TABLE fresh (id int)", {}),
    (watch("ddl_command_end"), "GRANT pg_monitor TO CURRENT_USER", {}),
    ("", "CREATE TABLE fresh (id int); " + watch("ddl_command_end"), {}),
])
def test_event_triggers(shop, database, there, sql, expected):
    if there:
        database.execute(there)
    shop.migration(2, "next", sql + ";")
    assert losses(shop) == expected


def test_up_is_refused_and_names_the_event_trigger(shop, database):
    database.execute(watch("ddl_command_end", name='"W 1"'))
    shop.migration(2, "next", "SELECT 1;\nCREATE TABLE fresh (id int);")
    error = shop.godwit("up", "--json", code=5).json["error"]
    assert 'rows of public.log are deleted: 2 rows (by event trigger "W 1")' in error["message"]
    assert error["where"].endswith("2_next.up.sql:2:1") and "--allow-data-loss" in error["hint"]
    assert "fresh" not in database.tables() and database.execute("SELECT count(*) FROM log") == [(2,)]
    loss, = shop.godwit("plan", "--json", code=0).json["data_loss"]
    assert loss["by"] == 'event trigger "W 1"'
    shop.godwit("up", "--allow-data-loss", code=0)
    assert database.execute("SELECT count(*) FROM log") == [(0,)]


def test_an_event_trigger_that_puts_its_statement_together_cannot_be_known(shop, database):
    database.execute(watch("ddl_command_end", "builds"))
    shop.migration(2, "next", "CREATE TABLE fresh (id int);")
    message = shop.godwit("up", "--json", code=5).json["error"]["message"]
    assert "function builds puts together" in message and "by event trigger w" in message
