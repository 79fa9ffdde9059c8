"""Rows that are refused for what another row still has arrive in the same run: deletes come last, values change hands."""
import pytest


def rows_match(sides):
    sides.both("SELECT * FROM s ORDER BY 1", "SELECT * FROM d ORDER BY 1")
    assert sides.rejects() == []


def ran(sides, code=0):
    (entity,) = sides.sync("run", code=code)["entities"]
    return entity["new"], entity["modified"], entity["deleted"], entity["rejected"]


def filled(sides, columns, unique, rest="", count=30):
    sides.tables(f"CREATE TABLE s (id int PRIMARY KEY, {columns}); INSERT INTO s SELECT i, i, 'v' || i FROM generate_series(1, {count}) i",
                 f"CREATE TABLE d (id int PRIMARY KEY, {columns}, {unique})")
    sides.map("a", "x", "y", source="s", destination="d", rest="deletes: delete\n" + rest)
    sides.register()
    sides.sync("run")


@pytest.mark.parametrize("rest", ["", "on_reject: fail\n"])
def test_a_value_that_a_deletion_frees(sides, rest):
    filled(sides, "x int, y text", "UNIQUE (x)", rest)
    sides.old.execute("DELETE FROM s WHERE id = 7; UPDATE s SET x = 7 WHERE id = 8; INSERT INTO s VALUES (200, 8, 'new')")
    assert ran(sides) == (1, 1, 1, 0)
    rows_match(sides)
    assert ran(sides) == (0, 0, 0, 0)


def test_a_key_that_a_deletion_frees(sides):
    """The destination's key is an expression of the source's row."""
    sides.tables("CREATE TABLE s (id int PRIMARY KEY, x text); INSERT INTO s SELECT i, 'v' || i FROM generate_series(1, 30) i",
                 "CREATE TABLE d (id text PRIMARY KEY, old int)")
    sides.map("a", "{from: id, to: old}", "{from: x, to: id}", source="s", destination="d", rest="deletes: delete\n")
    sides.register()
    sides.sync("run")
    sides.old.execute("DELETE FROM s WHERE id = 7; INSERT INTO s VALUES (200, 'v7')")
    assert ran(sides) == (1, 0, 1, 0)
    sides.both("SELECT x, id FROM s ORDER BY id", "SELECT id, old FROM d ORDER BY old")


@pytest.mark.parametrize("columns, unique", [
    ("x int, y text", "UNIQUE (x)"),
    ("x int NOT NULL, y text", "UNIQUE (x)"),
    ("x int NOT NULL, y text NOT NULL", "UNIQUE (x), UNIQUE (y)"),
    ("x int NOT NULL, y varchar(9) NOT NULL", "UNIQUE (y, x), EXCLUDE (x WITH =)"),
])
def test_values_that_change_hands(sides, columns, unique):
    filled(sides, columns, unique)
    # A swap; a ring of three; all of a chain one further, into what a deletion frees.
    sides.old.execute("""UPDATE s SET (x, y) = (SELECT o.x, o.y FROM s o WHERE o.id = 3 - s.id) WHERE id < 3;
        UPDATE s SET (x, y) = (SELECT o.x, o.y FROM s o WHERE o.id = 3 + (s.id - 2) % 3) WHERE id BETWEEN 3 AND 5;
        DELETE FROM s WHERE id = 30; UPDATE s SET x = x + 1, y = 'v' || x + 1 WHERE id > 5""")
    assert ran(sides) == (0, 29, 1, 0)
    rows_match(sides)
    assert ran(sides) == (0, 0, 0, 0)


def test_who_is_refused_for_something_else_keeps_what_it_has(sides):
    filled(sides, "x int, y text", "UNIQUE (x), CHECK (y <> 'bad')")
    # 1 and 2 swap, and 2 is bad; 3 takes the value of 1; 10 and 11 swap in peace; 12 wants what 13 keeps.
    sides.old.execute("""UPDATE s SET x = 3 - x WHERE id < 3; UPDATE s SET y = 'bad' WHERE id = 2; UPDATE s SET x = 21 - x WHERE id IN (10, 11);
        UPDATE s SET x = 13 WHERE id = 12""")
    before = sides.rows("d")
    assert ran(sides, code=3) == (0, 2, 0, 3)
    after = dict((i, (x, y)) for i, x, y in sides.rows("d"))
    assert after == {**{i: (x, y) for i, x, y in before}, 10: (11, "v10"), 11: (10, "v11")}
    assert sides.rejects() == [("1", "server", "23505"), ("12", "server", "23505"), ("2", "server", "23514")]
    assert sides.counts("a")[:2] == (30, 3)
    sides.old.execute("UPDATE s SET y = 'good' WHERE id = 2; UPDATE s SET x = 99 WHERE id = 13")
    assert ran(sides) == (0, 4, 0, 0)
    rows_match(sides)


def test_the_rows_that_wait_for_such_a_row_come_with_it(sides):
    sides.tables("""CREATE TABLE p (id int PRIMARY KEY, mail text); CREATE TABLE c (id int PRIMARY KEY, p int);
        INSERT INTO p SELECT i, 'm' || i FROM generate_series(1, 20) i; INSERT INTO c SELECT i, i FROM generate_series(1, 20) i""",
                 """CREATE TABLE parents (id uuid PRIMARY KEY, mail text NOT NULL UNIQUE);
        CREATE TABLE children (id int PRIMARY KEY, p uuid NOT NULL REFERENCES parents)""")
    sides.map("parents", "mail", source="p", rest="identity: uuid-v7\ndeletes: delete\n")
    sides.map("children", "{from: p, to: p, reference: parents}", source="c", rest="deletes: delete\n")
    sides.register()
    sides.sync("run")
    sides.old.execute("DELETE FROM c WHERE id = 7; DELETE FROM p WHERE id = 7; INSERT INTO p VALUES (100, 'm7'); INSERT INTO c VALUES (100, 100)")
    said = sides.sync("run")
    assert {e["entity"]: (e["new"], e["deleted"], e["rejected"]) for e in said["entities"]} == {"parents": (1, 1, 0), "children": (1, 1, 0)}
    sides.both("SELECT c.id, p.mail FROM c JOIN p ON p.id = c.p ORDER BY 1",
               "SELECT c.id, p.mail FROM children c JOIN parents p ON p.id = c.p ORDER BY 1")
    assert sides.sync("verify")["equal"]


def reasons(sides):
    return dict(sides.new.execute("SELECT key, message FROM godwit.sync_rejects"))


def test_what_others_refer_to_is_not_let_go_of(sides):
    """ON UPDATE CASCADE would carry the makeshift value away. Who is refused for another constraint is not told of it."""
    filled(sides, "x int, y text", "UNIQUE (x), UNIQUE (y)")
    sides.new.execute("CREATE TABLE e (x int REFERENCES d (x) ON UPDATE CASCADE); INSERT INTO e VALUES (1), (2)")
    sides.old.execute("UPDATE s SET x = 3 - x WHERE id < 3; UPDATE s SET y = 'v9' WHERE id IN (5, 6)")
    assert ran(sides, code=3) == (0, 0, 0, 4)
    assert sides.new.execute("SELECT x FROM e ORDER BY 1") == [(1,), (2,)]
    said = reasons(sides)
    assert all('other rows refer to "x" by a foreign key. Let the source free' in said[k] for k in "12"), said
    assert not any("exchange" in said[k] for k in "56"), said


def test_what_refers_to_others_is_not_let_go_of(sides):
    """No value that nobody has is among those that it may refer to, and NULL may not be."""
    filled(sides, "x int NOT NULL, y text", "UNIQUE (x)")
    sides.new.execute("CREATE TABLE p (x int PRIMARY KEY); INSERT INTO p SELECT x FROM d; ALTER TABLE d ADD FOREIGN KEY (x) REFERENCES p")
    sides.register()
    sides.old.execute("UPDATE s SET x = 3 - x WHERE id < 3")
    assert ran(sides, code=3) == (0, 0, 0, 2)
    assert all('"x" may not be NULL, and its foreign key allows no value' in m and "Make public.d.d_x_key a DEFERRABLE" in m
               for m in reasons(sides).values()), reasons(sides)


@pytest.mark.parametrize("columns, unique, why", [
    ("x int NOT NULL, y text", "UNIQUE (x), CHECK (x BETWEEN 1 AND 999)", "refuses NULL or a value that nobody has (23514)"),
    ("x int, y text", "UNIQUE (x), CHECK (x IS NOT NULL)", "refuses NULL or a value that nobody has (23514)"),
    ("x boolean NOT NULL, y text", "UNIQUE (x, y)", '"x" may not be NULL, and no value that nobody has is known for boolean'),
])
def test_values_that_nobody_can_let_go_of(sides, columns, unique, why):
    """The rows stay as they were and are rejected, with what to do; the others arrive, and nothing is tried for ever."""
    flag = columns.startswith("x bool")
    sides.tables(f"CREATE TABLE s (id int PRIMARY KEY, {columns}); INSERT INTO s SELECT i, {'i % 2 = 0' if flag else 'i'}, "
                 f"{chr(39) + 'v' + chr(39) if flag else 'i'} FROM generate_series(1, {2 if flag else 20}) i",
                 f"CREATE TABLE d (id int PRIMARY KEY, {columns}, {unique})")
    sides.map("a", "x", "y", source="s", destination="d", rest="deletes: delete\n")
    sides.register()
    sides.sync("run")
    before = sides.rows("d")
    sides.old.execute("UPDATE s SET x = (SELECT o.x FROM s o WHERE o.id = 3 - s.id) WHERE id < 3;" + ("" if flag else "UPDATE s SET y = 'new' WHERE id = 9"))
    assert ran(sides, code=3) == (0, 0 if flag else 1, 0, 2)
    assert sides.rows("d") == [(*r[:2], "new") if r[0] == 9 else r for r in before]
    said = reasons(sides)
    assert len(said) == 2 and all(why in m and "DEFERRABLE" in m and m.count("exchange") == 1 for m in said.values()), said
    assert ran(sides, code=3) == (0, 0, 0, 2)
    # What it says to do helps.
    name = sides.new.value("SELECT conname FROM pg_constraint WHERE conrelid = 'd'::regclass AND contype = 'u'")
    sides.new.execute(f"""ALTER TABLE d DROP CONSTRAINT "{name}", ADD UNIQUE (x{', y' if flag else ''}) DEFERRABLE""")
    sides.register()
    sides.sync("run")
    rows_match(sides)


@pytest.mark.parametrize("when", ["IMMEDIATE", "DEFERRED"])
def test_a_deferrable_constraint_lets_values_change_hands(sides, when):
    filled(sides, "x int NOT NULL, y text", f"UNIQUE (x) DEFERRABLE INITIALLY {when}, CHECK (x BETWEEN 1 AND 999)")
    sides.old.execute("UPDATE s SET x = 3 - x WHERE id < 3; UPDATE s SET x = (x + 1) % 10 + 10 WHERE x BETWEEN 10 AND 19")
    assert ran(sides) == (0, 12, 0, 0)
    rows_match(sides)
    sides.old.execute("UPDATE s SET x = 25 WHERE id = 24")
    assert ran(sides, code=3) == (0, 0, 0, 1)
    assert [k for k, _, _ in sides.rejects()] == ["24"]
    sides.old.execute("UPDATE s SET x = 24 WHERE id = 24")
    sides.sync("run")
    rows_match(sides)


def test_values_exchanged_by_deleting_and_inserting(sides):
    """Neither of two rows is the one that it was; and rings of which some rows are new, some gone and some stay."""
    filled(sides, "x int NOT NULL, y text NOT NULL", "UNIQUE (x), UNIQUE (y)", count=80)
    sides.old.execute("""DELETE FROM s WHERE id IN (1, 2); INSERT INTO s VALUES (101, 2, 'v2'), (102, 1, 'v1');
        DELETE FROM s WHERE id IN (3, 4); INSERT INTO s VALUES (4, 3, 'v3'), (3, 4, 'v4');
        UPDATE s SET x = 6, y = 'v6' WHERE id = 5; DELETE FROM s WHERE id = 6; INSERT INTO s VALUES (106, 5, 'v5');
        UPDATE s SET x = 8, y = 'v9' WHERE id = 7; UPDATE s SET x = 9, y = 'v7' WHERE id = 8; DELETE FROM s WHERE id = 9; INSERT INTO s VALUES (109, 7, 'v8')""")
    assert ran(sides) == (4, 5, 4, 0)
    rows_match(sides)
    assert ran(sides) == (0, 0, 0, 0)


@pytest.mark.parametrize("wrong, right", [("y = 'bad'", "y = 'good'"), ("x = 25", "x = 55")])
@pytest.mark.parametrize("ring, unrelated", [((1, 2), 3), ((1, 9), 5), ((8, 9), 1)])
def test_a_ring_that_cannot_let_go_and_an_unrelated_row(sides, ring, unrelated, wrong, right):
    """The constraint lets them change hands, whatever is wrong with others beside them. Where that one wants a value that
    somebody keeps, they may be refused with it: they stay as they were, and come when it is right."""
    filled(sides, "x int NOT NULL, y text", "UNIQUE (x) DEFERRABLE, CHECK (x BETWEEN 1 AND 999), CHECK (y <> 'bad')")
    one, other = ring
    sides.old.execute(f"UPDATE s SET x = {one + other} - x WHERE id IN {ring}; UPDATE s SET {wrong} WHERE id = {unrelated}; UPDATE s SET y = 'good' WHERE id = 20")
    said = ran(sides, code=3)
    waits = said == (0, 1, 0, 3) and "y" not in wrong
    assert waits or said == (0, 3, 0, 1)
    now = dict((i, (x, y)) for i, x, y in sides.rows("d"))
    assert now[20] == (20, "good") and now[unrelated] == (unrelated, f"v{unrelated}")
    assert (now[one][0], now[other][0]) == ((one, other) if waits else (other, one))
    sides.old.execute(f"UPDATE s SET {right} WHERE id = {unrelated}")
    assert ran(sides) == (0, 3 if waits else 1, 0, 0)
    rows_match(sides)


@pytest.mark.parametrize("identity", ["keep", "{ uuid-v5: url }", "uuid-v7", "generated"])
@pytest.mark.parametrize("deletes", ["ignore", "{soft: gone}"])
def test_a_row_that_the_source_has_again(sides, identity, deletes):
    """What stayed in the destination came from here: it follows again, unless somebody changed it there meanwhile."""
    own = {"keep": "int", "generated": "bigint GENERATED BY DEFAULT AS IDENTITY"}.get(identity, "uuid")
    sides.tables("CREATE TABLE s (id int PRIMARY KEY, x int); INSERT INTO s SELECT i, i FROM generate_series(1, 60) i",
                 f"CREATE TABLE d (id {own} PRIMARY KEY, legacy int UNIQUE, x int, gone timestamptz)")
    sides.map("a", "x", "{from: id, to: legacy}", *(["id"] if identity == "keep" else []), source="s", destination="d",
              rest=f"identity: {identity}\ndeletes: {deletes}\n")
    sides.register()
    sides.sync("run")
    sides.old.execute("DELETE FROM s WHERE id IN (3, 4, 5, 6)")
    sides.sync("run")
    ids = sides.new.execute("SELECT legacy, id FROM d ORDER BY 1")
    sides.new.execute("UPDATE d SET x = 77 WHERE legacy = 5")
    sides.old.execute("INSERT INTO s VALUES (3, 3), (4, 44), (5, 55)")
    sides.sync("run", code=3)
    assert sides.new.execute("SELECT legacy, x, gone IS NULL FROM d WHERE legacy IN (3, 4) ORDER BY 1") == [(3, 3, True), (4, 44, True)]
    assert sides.new.value("SELECT x FROM d WHERE legacy = 5") == 77
    assert [(kind, state) for _, kind, state in sides.rejects()] == [("changed", None)]
    assert sides.new.execute("SELECT legacy, id FROM d ORDER BY 1") == ids
    # Somebody settles it, and both go on as rows that never were away.
    sides.new.execute("UPDATE d SET x = 5 WHERE legacy = 5")
    sides.old.execute("UPDATE s SET x = 40 WHERE id = 4")
    sides.sync("run")
    assert sides.new.execute("SELECT x FROM d WHERE legacy IN (3, 4, 5, 6) ORDER BY legacy") == [(3,), (40,), (55,), (6,)]
    assert sides.rejects() == []
    assert sides.new.execute("SELECT key FROM godwit.sync_departed") == [("6",)]


def test_tables_of_before_get_what_is_new(sides):
    filled(sides, "x int, y text", "UNIQUE (x)")
    sides.new.execute("DROP TABLE godwit.sync_departed, godwit.sync_filled; ALTER TABLE godwit.sync_later DROP COLUMN run_id, DROP COLUMN added; "
                      "DELETE FROM godwit.parts WHERE part = 'differential' AND number >= 5")
    sides.map("a", "x", "y", source="s", destination="d", rest="deletes: ignore\n", version="1.1.0")
    sides.register()
    sides.old.execute("DELETE FROM s WHERE id = 7")
    sides.sync("run")
    assert sides.new.execute("SELECT entity_type, key FROM godwit.sync_departed") == [("a", "7")]


def test_a_row_that_somebody_else_has_marked_is_not_overwritten(sides):
    """Its mark does not say that it came from here."""
    sides.tables("CREATE TABLE s (id int PRIMARY KEY, x int); INSERT INTO s VALUES (1, 1), (2, 2)",
                 "CREATE TABLE d (id int PRIMARY KEY, x int, gone timestamptz); INSERT INTO d VALUES (1, 77, now())")
    sides.map("a", "x", source="s", destination="d", rest="identity: keep\ndeletes: {soft: gone}\n")
    sides.register()
    sides.sync("run", code=3)
    assert sides.rows(columns="id, x, gone IS NULL") == [(1, 77, False), (2, 2, True)]
    assert sides.rejects() == [("1", "conflict", None)]
