"""What a statement sets off beside the table that it writes to (triggers, rules, foreign keys, views) is a loss too."""
import pytest

BASE = """
    CREATE TABLE t (id int PRIMARY KEY, a text);
    CREATE TABLE gone (id int PRIMARY KEY, t int REFERENCES t ON DELETE CASCADE);
    CREATE TABLE parts (id int PRIMARY KEY, gone int REFERENCES gone ON DELETE CASCADE);
    CREATE TABLE loose (id int PRIMARY KEY, t int REFERENCES t ON DELETE SET NULL);
    CREATE TABLE odd (id int, a text);
    CREATE TABLE "we ""q"" é" (id int PRIMARY KEY, up int REFERENCES "we ""q"" é" ON DELETE CASCADE);
    CREATE TABLE log (id int);
    CREATE VIEW seen AS SELECT * FROM odd;
"""
ROWS = """
    INSERT INTO t SELECT i, 'x' FROM generate_series(1, 4) i;
    INSERT INTO gone SELECT i, nullif(i % 4, 0) FROM generate_series(1, 8) i;
    INSERT INTO parts SELECT i, 1 FROM generate_series(1, 5) i;
    INSERT INTO loose VALUES (1, 1), (2, NULL);
    INSERT INTO odd SELECT i FROM generate_series(1, 3) i;
    INSERT INTO "we ""q"" é" VALUES (1, NULL), (2, 1), (3, NULL);
    INSERT INTO log VALUES (1);
"""
FUNCTIONS = """
    CREATE FUNCTION clears() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN DELETE FROM log; RETURN NEW; END $f$;
    CREATE FUNCTION sweeps() RETURNS trigger LANGUAGE plpgsql AS
        $f$ DECLARE wanted int := OLD.id; BEGIN DELETE FROM public.log WHERE id = wanted; RETURN OLD; END $f$;
    CREATE FUNCTION notes() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN INSERT INTO log VALUES (1); RETURN NEW; END $f$;
    CREATE FUNCTION calls() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN PERFORM helper(); RETURN NULL; END $f$;
    CREATE FUNCTION helper() RETURNS void LANGUAGE sql AS 'TRUNCATE log';
    CREATE FUNCTION builds() RETURNS trigger LANGUAGE plpgsql AS
        $f$ BEGIN EXECUTE format('DROP TABLE %I', TG_ARGV[0]); RETURN NULL; END $f$;
"""
LOG = {("deleted_rows", "public.log"): 1}
UPDATED = "ALTER TABLE loose DROP CONSTRAINT loose_t_fkey, ADD FOREIGN KEY (t) REFERENCES t ON UPDATE SET NULL;"


@pytest.fixture
def shop(project, database):
    project.migration(1, "base", BASE)
    project.godwit("up", code=0)
    database.execute(ROWS + FUNCTIONS)
    return project


def losses(project):
    return {(one["kind"], one["object"]): one["rows"]
            for one in project.godwit("up", "--dry-run", "--json", code=0).json["data_loss"]}


def trigger(name, when, table="odd", call="clears()"):
    return f"CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {call};"


@pytest.mark.parametrize("there, sql, expected", [
    (trigger("x", "AFTER UPDATE"), "UPDATE odd SET a = 'y' WHERE id = 1", LOG),
    (trigger('"X ""1"" é"', "BEFORE INSERT"), "INSERT INTO odd VALUES (9)", LOG),
    (trigger("x", "AFTER UPDATE OR DELETE", call="sweeps()"), "DELETE FROM public.odd WHERE id = 2", LOG),
    (trigger("x", "AFTER INSERT", call="calls()"), "INSERT INTO odd VALUES (9)", {("truncated_table", "public.log"): 1}),
    (trigger("x", "AFTER INSERT", call="notes()") + trigger("y", "AFTER INSERT", "log"),
     "INSERT INTO odd VALUES (9)", LOG),
    (trigger("x", "AFTER INSERT"), "DO $$ BEGIN INSERT INTO odd VALUES (9); END $$", LOG),
    (trigger("x", "AFTER INSERT"), "WITH n AS (INSERT INTO odd VALUES (9) RETURNING id) SELECT * FROM n", LOG),
    (trigger("x", "AFTER INSERT"), "COPY odd FROM stdin;\n9\ta\n\\.\n", LOG),
    (trigger("x", "AFTER UPDATE"), "INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 'y';"
                                   "ALTER TABLE odd RENAME TO even; UPDATE even SET a = a", LOG),
    ("CREATE TRIGGER x AFTER TRUNCATE ON odd EXECUTE FUNCTION clears();", "TRUNCATE odd",
     {("truncated_table", "public.odd"): 3, **LOG}),
    ("CREATE TRIGGER x AFTER TRUNCATE ON parts EXECUTE FUNCTION clears();", "TRUNCATE gone CASCADE",
     {("truncated_table", "public.gone"): 8, ("truncated_table", "public.parts"): 5, **LOG}),
    ("CREATE TRIGGER x AFTER TRUNCATE ON parts EXECUTE FUNCTION clears();",
     "ALTER TABLE parts RENAME TO pieces; ALTER TABLE pieces DISABLE TRIGGER x; TRUNCATE gone CASCADE",
     {("truncated_table", "public.gone"): 8, ("truncated_table", "public.parts"): 5}),
    # Made by the run itself:
    ("", trigger("x", "AFTER INSERT") + "INSERT INTO odd VALUES (9)", LOG),
    ("", "CREATE TABLE fresh (id int);" + trigger("x", "AFTER INSERT", "fresh") + "INSERT INTO fresh VALUES (9)", LOG),
    (trigger("x", "AFTER INSERT", call="notes()"),
     "CREATE OR REPLACE FUNCTION notes() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM log; RETURN NULL; END';"
     "INSERT INTO odd VALUES (9)", LOG),
    (trigger("x", "AFTER INSERT"), "INSERT INTO odd VALUES (9);"
     "CREATE OR REPLACE FUNCTION clears() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'", LOG),
    ("", "CREATE RULE r AS ON UPDATE TO odd DO ALSO DELETE FROM log; UPDATE odd SET a = '' WHERE id = 1", LOG),
    # Rules, views:
    ("CREATE RULE r AS ON UPDATE TO odd DO INSTEAD DELETE FROM log WHERE id = OLD.id;", "UPDATE odd SET a = a", LOG),
    ("CREATE RULE r AS ON INSERT TO seen DO INSTEAD DELETE FROM log;", "INSERT INTO seen VALUES (1)", LOG),
    (trigger("x", "AFTER UPDATE"), "UPDATE seen SET a = 'y' WHERE id = 1", LOG),
    ("", "DELETE FROM seen", {("deleted_rows", "public.odd"): 3}),
    # Foreign keys:
    ("", "DELETE FROM t WHERE id = 1", {("deleted_rows", "public.gone"): 2, ("deleted_rows", "public.parts"): 5,
                                        ("overwritten_column", "public.loose.t"): 1}),
    ("", "DELETE FROM t WHERE id = 2", {("deleted_rows", "public.gone"): 2, ("deleted_rows", "public.parts"): 0,
                                        ("overwritten_column", "public.loose.t"): 0}),
    ("", "DELETE FROM t", {("deleted_rows", "public.t"): 4, ("deleted_rows", "public.gone"): 6,
                           ("deleted_rows", "public.parts"): 5, ("overwritten_column", "public.loose.t"): 1}),
    ("", "DELETE FROM t WHERE id IN (SELECT 2)", {("deleted_rows", "public.gone"): 6, ("deleted_rows", "public.parts"): 5,
                                                  ("overwritten_column", "public.loose.t"): 1}),
    ("", "ALTER TABLE t DISABLE TRIGGER ALL; DELETE FROM t WHERE id = 1; ALTER TABLE t ENABLE TRIGGER ALL; DELETE FROM t WHERE id = 2",
     {("deleted_rows", "public.gone"): 2, ("deleted_rows", "public.parts"): 0, ("overwritten_column", "public.loose.t"): 0}),
    ("", "ALTER TABLE gone DISABLE TRIGGER ALL; ALTER TABLE t DISABLE TRIGGER USER; DELETE FROM t WHERE id = 1",
     {("deleted_rows", "public.gone"): 2, ("overwritten_column", "public.loose.t"): 1}),
    ("", 'DELETE FROM "we ""q"" é" WHERE id = 1', {("deleted_rows", 'public."we ""q"" é"'): 1}),
    ("ALTER TABLE gone RENAME TO gone2; " + trigger("x", "BEFORE DELETE", "gone2", "sweeps()"),
     "DELETE FROM t WHERE id = 4", {("deleted_rows", "public.gone2"): 0, ("deleted_rows", "public.parts"): 0,
                                    ("overwritten_column", "public.loose.t"): 0, **LOG}),
    (UPDATED, "UPDATE t SET id = id + 10 WHERE id = 1", {("overwritten_column", "public.loose.t"): 1}),
    (UPDATED, "INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 9", {("overwritten_column", "public.loose.t"): 1}),
    # Nothing is lost:
    (UPDATED, "UPDATE t SET a = 'y' WHERE id = 1; INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET a = ''", {}),
    (trigger("x", "AFTER INSERT", call="notes()"), "INSERT INTO odd VALUES (9)", {}),
    (trigger("x", "AFTER UPDATE"), "INSERT INTO odd VALUES (9); DELETE FROM odd WHERE id = 1", {}),
    (trigger("x", "AFTER INSERT") + "ALTER TABLE odd DISABLE TRIGGER x;", "INSERT INTO odd VALUES (9)", {}),
    (trigger("x", "AFTER INSERT"), "ALTER TABLE odd DISABLE TRIGGER USER; INSERT INTO odd VALUES (9);"
                                   "ALTER TABLE odd ENABLE TRIGGER USER", {}),
    (trigger("x", "AFTER INSERT"), "DROP TRIGGER x ON odd; INSERT INTO odd VALUES (9)", {}),
    (trigger("x", "AFTER INSERT"), "CREATE TEMP TABLE odd (id int); INSERT INTO pg_temp.odd VALUES (9)", {}),
    ("CREATE SCHEMA s; CREATE TABLE s.odd (id int);" + trigger("x", "AFTER INSERT", "s.odd"),
     "INSERT INTO odd VALUES (9)", {}),
    ("CREATE RULE r AS ON DELETE TO odd DO INSTEAD NOTHING;", "DELETE FROM odd", {}),
    ("", "DELETE FROM parts WHERE id = 1; INSERT INTO t VALUES (5); UPDATE t SET a = '' WHERE id = 1", {}),
])
def test_what_is_set_off(shop, database, there, sql, expected):
    if there:
        database.execute(there)
    shop.migration(2, "next", sql + ";")
    assert losses(shop) == expected


def test_up_is_refused_and_says_by_whom(shop, database):
    database.execute(trigger('"X 1"', "AFTER UPDATE", call="sweeps()"))
    shop.migration(2, "next", "SELECT 1;\nUPDATE odd SET a = 'y' WHERE id = 1;", "SELECT 1;")
    loss, = shop.godwit("up", "--dry-run", "--json", code=0).json["data_loss"]
    assert loss["at_most"] is True and loss["by"] == 'trigger "X 1" on public.odd'
    error = shop.godwit("up", "--json", code=5).json["error"]
    assert error["message"].endswith('rows of public.log are deleted: which ones is not known beforehand, at most 1 row'
                                     ' (by trigger "X 1" on public.odd)')
    assert "--allow-data-loss" in error["hint"] and error["where"].endswith("2_next.up.sql:2:1")
    assert database.execute("SELECT count(*) FROM log") == [(1,)]
    shop.godwit("up", "--allow-data-loss", code=0)
    assert [one for one in shop.states().values()] == ["applied", "applied"]


def test_a_trigger_that_puts_its_statement_together_cannot_be_known(shop, database):
    database.execute(trigger("x", "AFTER INSERT", call="builds('log')"))
    shop.migration(2, "next", "INSERT INTO odd VALUES (9);")
    message = shop.godwit("up", "--json", code=5).json["error"]["message"]
    assert "function builds puts together" in message and "by trigger x on public.odd" in message


def test_down_is_refused_as_well(shop, database):
    shop.migration(2, "next", "INSERT INTO t VALUES (5, 'x');", "DELETE FROM t WHERE id = 5;")
    shop.godwit("up", code=0)
    shop.godwit("down", "--dry-run", code=0)
    database.execute("INSERT INTO gone VALUES (9, 5)")
    message = shop.godwit("down", "--json", code=5).json["error"]["message"]
    assert "rows of public.gone are deleted: 1 row (by foreign key gone_t_fkey to public.t)" in message
    database.execute("DELETE FROM gone WHERE id = 9")
    shop.godwit("down", code=0)


def test_partitions_and_heirs(project, database):
    project.migration(1, "base", """
        CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id);
        CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
        CREATE TABLE c (id int, p int REFERENCES p ON DELETE CASCADE) PARTITION BY LIST (id);
        CREATE TABLE c1 PARTITION OF c DEFAULT;
        CREATE TABLE root (id int); CREATE TABLE heir () INHERITS (root); CREATE TABLE log (id int);
    """)
    project.godwit("up", code=0)
    database.execute("INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1, 1), (2, 1); INSERT INTO log VALUES (1)"
                     + ";" + FUNCTIONS + trigger("x", "AFTER UPDATE", "heir"))
    project.migration(2, "whole", "DELETE FROM p WHERE id = 1;")
    assert losses(project) == {("deleted_rows", "public.c"): 2}
    project.migration(2, "whole", "DELETE FROM p1 WHERE id = 2;")
    assert losses(project) == {("deleted_rows", "public.c"): 0}
    project.migration(2, "whole", "UPDATE root SET id = 2;")
    assert losses(project) == {("overwritten_column", "public.root.id"): 0, **LOG}
