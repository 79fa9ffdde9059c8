"""References that close a cycle, filled in a second pass: judged like any other, never pointing to what they should not, waiting for
what may still come, and seen by detect and verify while they wait."""
import pytest

from harness.blocking import GATE, closed_gate, until_at_gate, until_blocked

SELF = "{from: up, to: up, reference: a}"
REST = "identity: keep\ndeletes: delete\n"


def quarantine(sides):
    """{entity: {key: (kind, rule, message)}}"""
    found = {}
    for entity, *row in sides.new.execute("SELECT entity_type, key, kind, rule, message FROM godwit.sync_rejects"):
        found.setdefault(entity, {})[row[0]] = tuple(row[1:])
    return found


def one_table(sides, old, new="", rest=REST, fields=("x",)):
    """a: s -> d, whose `up` is filled in the second pass."""
    sides.tables(f"CREATE TABLE s (id int PRIMARY KEY, x int, up int); INSERT INTO s VALUES {old}",
                 f"CREATE TABLE d (id int PRIMARY KEY, x int, up int{new})")
    sides.map("a", *fields, SELF, "id", source="s", destination="d", rest=rest)
    sides.register()


def two_tables(sides, identity="keep", new="", rest="", **more):
    """a and b refer to each other."""
    own = {"keep": "int"}.get(identity, "uuid")
    sides.tables("CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int, x int)",
                 f"CREATE TABLE na (id {own} PRIMARY KEY, legacy int, b {own}); CREATE TABLE nb (id {own} PRIMARY KEY, legacy int, a {own}, x int{new})")
    rest = f"identity: {identity}\ndeletes: delete\n" + rest
    ids = ["id"] if identity == "keep" else []
    sides.map("a", "{from: id, to: legacy}", "{from: b, to: b, reference: b}", *ids, source="a", destination="na", rest=rest)
    sides.map("b", "{from: id, to: legacy}", "x", "{from: a, to: a, reference: a}", *ids, source="b", destination="nb", rest=rest)
    sides.register()


LINKED = {"a": ("SELECT id, b FROM a ORDER BY 1", "SELECT x.legacy, y.legacy FROM na x LEFT JOIN nb y ON y.id = x.b ORDER BY 1"),
          "b": ("SELECT id, a FROM b ORDER BY 1", "SELECT x.legacy, y.legacy FROM nb x LEFT JOIN na y ON y.id = x.a ORDER BY 1")}


@pytest.mark.parametrize("rule, message, refused", [
    ("{field: up, rule: range, parameters: {max: 2}}", "it is not between any and 2", 4),
    ("{field: up, rule: format, parameters: {pattern: '^[12]$'}, message: one of the first}", "one of the first", 4),
    ("{field: up, rule: unique}", "another row has the same value", 3),
    ("{rule: sql, sql: 'up < id OR x > 40'}", "it is against the rule up < id OR x > 40", 1),
    ("{rule: sql, sql: 'd.up IS NOT NULL OR x > 40'}", "it is against the rule d.up IS NOT NULL OR x > 40", 5)])
def test_rules_judge_what_the_second_pass_fills(sides, rule, message, refused):
    one_table(sides, "(1, 1, 2), (2, 2, 1), (3, 3, 1), (4, 41, 5), (5, 5, NULL)", rest=f"{REST}rules:\n- {rule}\n")
    for _ in range(2):
        sides.sync("run", code=3)
        assert quarantine(sides) == {"a": {str(refused): ("rule", "second pass", message)}}
        assert sides.rows(columns="id, up") == [(k, None if k == refused else up) for k, up in ((1, 2), (2, 1), (3, 1), (4, 5), (5, None))]
    sides.old.execute("DELETE FROM s WHERE id IN (3, 4, 5); UPDATE s SET up = NULL, x = 50 WHERE id = 1")
    sides.sync("run", "--max-deletes", "100%")
    assert sides.rejects() == []
    sides.both("SELECT * FROM s ORDER BY 1", "SELECT * FROM d ORDER BY 1")
    assert sides.sync("verify")["equal"]


@pytest.mark.parametrize("identity, own", [("keep", "int"), ("uuid-v7", "uuid")])
def test_a_required_reference_is_asked_for_before_it_is_filled(sides, identity, own):
    sides.tables("CREATE TABLE s (id int PRIMARY KEY, up int); INSERT INTO s VALUES (1, 1), (2, NULL), (3, 2)",
                 f"CREATE TABLE d (id {own} PRIMARY KEY, legacy int, up {own})")
    sides.map("a", "{from: id, to: legacy}", SELF, *(["id"] if identity == "keep" else []), source="s", destination="d",
              rest=f"identity: {identity}\ndeletes: delete\nrules:\n- {{field: up, rule: required}}\n")
    sides.register()
    pairs = "SELECT d.legacy, u.legacy FROM d LEFT JOIN d u ON u.id = d.up ORDER BY 1"
    sides.sync("run", code=3)
    found = quarantine(sides)["a"]
    assert {k: v[:2] for k, v in found.items()} == {"2": ("rule", "required"), "3": ("reference", "second pass")}
    assert sides.new.execute(pairs) == [(1, 1), (3, None)]
    sides.old.execute("UPDATE s SET up = 3 WHERE id = 2")
    sides.sync("run")
    sides.both("SELECT id, up FROM s ORDER BY 1", pairs)
    assert sides.rejects() == [] and sides.sync("verify")["equal"]


@pytest.mark.parametrize("new", ["", " REFERENCES d", " UNIQUE", " CHECK (up <> 5)"])
def test_a_reference_that_is_refused_does_not_stay_what_it_was(sides, new):
    """It would point to a row that the source does not mean any more."""
    one_table(sides, "(1, 1, NULL), (2, 2, 1), (3, 3, NULL), (5, 5, NULL)", new)
    sides.sync("run")
    to = 5 if "CHECK" in new else 99
    sides.old.execute(f"UPDATE s SET up = {to} WHERE id = 2; UPDATE s SET up = 1 WHERE id = 3")
    for _ in range(2):
        sides.sync("run", code=3)
        assert list(quarantine(sides)["a"]) == ["2"]
        assert sides.rows(columns="id, up") == [(1, None), (2, None), (3, 1), (5, None)]
        verified = sides.sync("verify", code=3)["entities"][0]
        assert verified["counts"]["quarantined"]["source"] == 1 and "different" not in [d["kind"] for d in verified["differences"]]
    sides.old.execute("UPDATE s SET up = 3 WHERE id = 2")
    sides.sync("run")
    sides.both("SELECT * FROM s ORDER BY 1", "SELECT * FROM d ORDER BY 1")
    assert sides.rejects() == [] and sides.sync("verify")["equal"]


@pytest.mark.parametrize("identity, own", [("keep", "int"), ("uuid-v7", "uuid")])
@pytest.mark.parametrize("foreign", ["", " REFERENCES np"])
def test_a_new_row_does_not_lead_to_one_that_the_same_run_deletes(sides, identity, own, foreign):
    """The deletes come last: the row is still there when it is looked for."""
    sides.tables("""CREATE TABLE p (id int PRIMARY KEY); INSERT INTO p SELECT generate_series(1, 30);
        CREATE TABLE c (id int PRIMARY KEY, p int); INSERT INTO c SELECT i, i FROM generate_series(1, 20) i""",
                 f"CREATE TABLE np (id {own} PRIMARY KEY, legacy int); CREATE TABLE nc (id {own} PRIMARY KEY, legacy int, p {own}{foreign})")
    rest, own_key = f"identity: {identity}\ndeletes: delete\n", ["id"] if identity == "keep" else []
    sides.map("p", "{from: id, to: legacy}", *own_key, destination="np", rest=rest)
    sides.map("c", "{from: id, to: legacy}", "{from: p, to: p, reference: p}", *own_key, destination="nc", rest=rest)
    sides.register()
    sides.sync("run")
    sides.old.execute("DELETE FROM p WHERE id = 25; INSERT INTO c VALUES (50, 25), (51, 26); UPDATE c SET p = 27 WHERE id = 1")
    for _ in range(2):
        sides.sync("run", code=3)
        assert {e: list(of) for e, of in quarantine(sides).items()} == {"c": ["50"]}
        assert sides.new.execute("SELECT count(*), count(*) FILTER (WHERE legacy = 25) FROM np") == [(29, 0)]
        assert not any(e.get("references") for e in sides.sync("verify", code=3)["entities"])
    sides.old.execute("INSERT INTO p VALUES (25)")
    sides.sync("run")
    sides.both("SELECT id, p FROM c ORDER BY 1", "SELECT nc.legacy, np.legacy FROM nc LEFT JOIN np ON np.id = nc.p ORDER BY 1")
    assert sides.rejects() == [] and sides.sync("verify")["equal"]


@pytest.mark.parametrize("identity", ["keep", "uuid-v7"])
def test_a_cycle_does_not_lead_to_a_row_that_the_same_run_deletes(sides, identity):
    two_tables(sides, identity)
    sides.old.execute("INSERT INTO b SELECT i, i, i FROM generate_series(1, 20) i; INSERT INTO a SELECT i, i FROM generate_series(1, 20) i")
    sides.sync("run")
    sides.old.execute("DELETE FROM b WHERE id = 7; DELETE FROM a WHERE id = 7; UPDATE a SET b = 7 WHERE id = 8; UPDATE b SET a = 7 WHERE id = 9")
    for _ in range(2):
        sides.sync("run", code=3)
        assert {e: list(of) for e, of in quarantine(sides).items()} == {"a": ["8"], "b": ["9"]}
        assert not any(e.get("references") for e in sides.sync("verify", code=3)["entities"])
    sides.old.execute("UPDATE a SET b = 9 WHERE id = 8; UPDATE b SET a = 8 WHERE id = 9")
    sides.sync("run")
    for old, new in LINKED.values():
        sides.both(old, new)
    assert sides.rejects() == [] and sides.sync("verify")["equal"]


def test_what_waits_for_the_second_pass_is_not_there_yet(sides):
    """To verify and to detect, while a run is under way, and behind one that was killed."""
    one_table(sides, "(1, 1, 2), (2, 2, NULL), (3, 3, 1)")
    sides.sync("run")
    sides.new.execute(f"""CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_catalog.pg_advisory_xact_lock_shared({GATE}); RETURN NULL; END';
        CREATE TRIGGER gate BEFORE UPDATE OF up ON d FOR EACH STATEMENT EXECUTE FUNCTION gate()""")
    sides.old.execute("UPDATE s SET up = 3 WHERE id = 2; UPDATE s SET x = 30 WHERE id = 3; INSERT INTO s VALUES (4, 4, 1)")
    with closed_gate(sides.new):
        running = sides.start("sync", "run", "--json")
        until_blocked(sides.new, running)
        verified = sides.sync("verify")["entities"][0]
        assert [(d["key"], d["kind"]) for d in verified["differences"]] == [("2", "changed"), ("4", "changed")]
        found = sides.sync("detect")["entities"][0]
        assert (found["new"], found["modified"], found["second_pass"]) == (0, 0, 3)
        assert [e["remaining"] for e in sides.sync("status")["entities"]] == [3]
        running.kill()
    # Its lease may not have ended yet.
    assert [(d["key"], d["kind"]) for d in sides.sync("verify", code=(0, 3))["entities"][0]["differences"]] == [("2", "changed"), ("4", "changed")]
    assert "references of 3 rows that close a cycle are not there yet" in sides.godwit("sync", "detect").out
    sides.sync("run")
    assert sides.sync("detect")["entities"][0]["second_pass"] == 0
    sides.both("SELECT * FROM s ORDER BY 1", "SELECT * FROM d ORDER BY 1")
    assert sides.sync("verify")["equal"]


def test_a_change_of_nothing_but_what_closes_a_cycle_is_found(sides):
    one_table(sides, "(1, 1, 2), (2, 2, NULL), (3, 3, 1)")
    sides.sync("run")
    sides.old.execute("UPDATE s SET up = 1 WHERE id = 2; UPDATE s SET up = NULL WHERE id = 3")
    found = sides.sync("detect", "--method", "checksum")["entities"][0]
    assert (found["new"], found["modified"], found["deleted"]) == (0, 2, 0)
    assert {d["key"]: d["kind"] for d in sides.sync("verify", code=3)["entities"][0]["differences"]} == {"2": "changed", "3": "changed"}
    sides.sync("run")
    assert sides.rows(columns="id, up") == [(1, 2), (2, 1), (3, None)] and sides.sync("verify")["equal"]
    sides.new.execute("UPDATE d SET up = 3 WHERE id = 2")
    [different] = sides.sync("verify", code=3)["entities"][0]["differences"]
    assert (different["key"], different["kind"]) == ("2", "different")
    assert [(c["column"], c["source"], c["destination"]) for c in different["columns"]] == [("up", "1", "3")]


def test_rows_wait_for_those_of_an_entity_that_failed(sides):
    """They are not refused: what they refer to is not there because of something else."""
    two_tables(sides, new=" CHECK (x > 0)", rest="on_reject: quarantine\n")
    path = sides.path / "sync" / "b.yaml"
    path.write_text(path.read_text().replace("on_reject: quarantine", "on_reject: fail").replace("1.0.0", "1.0.1"))
    sides.register()
    sides.old.execute("INSERT INTO b VALUES (1, 1, 1), (2, 2, -1); INSERT INTO a VALUES (1, 1), (2, 2)")
    said = sides.sync("run", code=3)
    assert said["status"] == "failed" and quarantine(sides) == {}, said
    assert sides.rows("na", "id, b") == [(1, None), (2, None)]
    assert sides.new.execute("SELECT entity_type, key FROM godwit.sync_later ORDER BY 1, 2")[:2] == [("a", "1"), ("a", "2")]
    assert any("wait for the next run: b failed" in line["message"] for line in sides.sync("logs")["lines"])
    sides.old.execute("UPDATE b SET x = 2 WHERE id = 2")
    sides.sync("run")
    for old, new in LINKED.values():
        sides.both(old, new)
    assert sides.rejects() == [] and sides.sync("verify")["equal"]


def test_a_stored_analysis_tries_the_quarantine_again(sides):
    """What is kept of such a row is what the source has: it is as it was before it was refused, or was refused in the second pass."""
    one_table(sides, "(1, 1, NULL), (2, 2, 1), (3, 3, 99)", ", CHECK (x > 0)")
    sides.sync("run", code=3)
    sides.old.execute("UPDATE s SET x = -2 WHERE id = 2")
    sides.sync("run", code=3)
    assert {k: v[:2] for k, v in quarantine(sides)["a"].items()} == {"2": ("server", None), "3": ("reference", "second pass")}
    sides.old.execute("UPDATE s SET x = 2 WHERE id = 2; INSERT INTO s VALUES (99, 9, NULL)")
    found = sides.sync("detect")
    assert [found["entities"][0][k] for k in ("new", "modified", "in_quarantine")] == [1, 2, 2]
    sides.sync("run", "--analysis", found["analysis"])
    assert sides.rejects() == [] and sides.sync("verify")["equal"]
    sides.both("SELECT * FROM s ORDER BY 1", "SELECT * FROM d ORDER BY 1")


@pytest.mark.parametrize("batch", [4, 1000])
@pytest.mark.parametrize("refused", ["CHECK (x > 0)", "UNIQUE"])
def test_a_ring_is_not_held_up_by_another_row_that_is_refused(make_sides, batch, refused):
    """The destination's foreign key is checked at the end of a statement: its rows come by one or not at all."""
    sides = make_sides(batch={"rows": batch})
    sides.tables("""CREATE TABLE s (id int PRIMARY KEY, x int, up int); INSERT INTO s SELECT i, i, i FROM generate_series(1, 20) i""",
                 f"""CREATE TABLE d (id int PRIMARY KEY, x int {refused}, up int NOT NULL REFERENCES d DEFERRABLE)""")
    sides.map("a", "x", "up", "id", source="s", destination="d", rest=REST)
    sides.register()
    sides.sync("run")
    bad = 5 if refused == "UNIQUE" else -5
    sides.old.execute(f"""UPDATE s SET x = {bad} WHERE id = 7; INSERT INTO s VALUES (31, 31, 40), (32, 32, 31), (33, 33, 32), (34, 34, 33), (35, 35, 99),
        (36, 36, 37), (37, 37, 36), (38, {bad}, 39), (39, 39, 38), (40, 40, 32), (41, 41, 35)""")
    waits = {"7", "35", "38", "39", "41"}
    for _ in range(2):
        sides.sync("run", code=3)
        assert set(quarantine(sides)["a"]) == waits
        assert sides.new.execute("SELECT id FROM d WHERE id > 30 ORDER BY 1") == [(i,) for i in (31, 32, 33, 34, 36, 37, 40)]
    sides.old.execute("UPDATE s SET x = 100 + id WHERE id IN (7, 38); INSERT INTO s VALUES (99, 99, 35)")
    sides.sync("run")
    sides.both("SELECT * FROM s ORDER BY 1", "SELECT * FROM d ORDER BY 1")
    assert sides.rejects() == [] and sides.sync("verify")["equal"]


def test_the_second_pass_does_not_overwrite_what_somebody_changed_unasked(sides):
    """Neither with what it fills nor with nothing, whether there was something before or not."""
    policies = ("quarantine", "overwrite", "keep")
    for policy in policies:
        sides.tables(f"""CREATE TABLE {policy} (id int PRIMARY KEY, x int, up int);
            INSERT INTO {policy} VALUES (1, 1, 2), (2, 2, 1), (3, 3, 1), (4, 4, NULL), (5, 5, 1), (6, 6, 1)""",
                     f"CREATE TABLE {policy} (id int PRIMARY KEY, x int, up int DEFAULT 6)")
        sides.map(policy, "x", f"{{from: up, to: up, reference: {policy}}}", "id", rest=f"{REST}on_destination_change: {policy}\n")
    sides.register()
    sides.sync("run")
    for policy in policies:
        sides.new.execute(f"UPDATE {policy} SET up = id - 1 WHERE id IN (4, 5, 6)")
        sides.old.execute(f"UPDATE {policy} SET x = x + 10 WHERE id IN (3, 4, 5); UPDATE {policy} SET up = 4 WHERE id IN (2, 5); UPDATE {policy} SET up = 99 WHERE id = 6")
    theirs, ours = [(1, 2), (2, 4), (3, 1), (4, 3), (5, 4), (6, 5)], [(1, 2), (2, 4), (3, 1), (4, None), (5, 4), (6, None)]
    for _ in range(2):
        sides.sync("run", code=3)
        assert {p: sides.rows(p, "id, up") for p in policies} == {"quarantine": theirs, "overwrite": ours, "keep": theirs}
        found = {entity: {key: said[0] for key, said in of.items()} for entity, of in quarantine(sides).items()}
        assert found == {"quarantine": {"4": "changed", "6": "reference"}, "overwrite": {"6": "reference"}, "keep": {"6": "reference"}}
    counts = {e["entity"]: e["counts"] for e in sides.sync("verify", code=3)["entities"]}
    assert counts["keep"]["left"]["source"] == 1 and counts["keep"]["different"]["source"] == 0
    # Somebody settles it, by what the source means or by what was there.
    sides.new.execute("UPDATE quarantine SET up = NULL WHERE id IN (4, 6)")
    for policy in policies:
        sides.old.execute(f"UPDATE {policy} SET up = 1 WHERE id = 6; DELETE FROM {policy} WHERE id = 3")
    sides.new.execute("UPDATE keep SET up = NULL WHERE id = 4; UPDATE keep SET up = 1 WHERE id = 6")
    sides.sync("run", "--max-deletes", "50%")
    for policy in policies:
        sides.old.execute(f"UPDATE {policy} SET up = 2 WHERE id IN (1, 4); INSERT INTO {policy} VALUES (3, 3, 2)")
    sides.sync("run")
    for policy in policies:
        sides.both(f"SELECT * FROM {policy} ORDER BY 1", f"SELECT * FROM {policy} ORDER BY 1")
    assert sides.rejects() == [] and sides.sync("verify")["equal"]


def test_what_the_second_pass_may_write_over(sides):
    """Rows that an earlier build has filled: nothing is known of them, so what is NULL or as it is to be is nobody's, all else
    somebody's. And a row that somebody changes between judging and writing."""
    changed = ("changed", "second pass", "the row was changed in the destination")
    one_table(sides, "(1, 1, 2), (2, 2, 1), (3, 3, NULL), (4, 4, 1), (5, 5, 1)")
    sides.sync("run")
    sides.new.execute("DROP TABLE godwit.sync_filled; DELETE FROM godwit.parts WHERE part = 'differential' AND number >= 8; UPDATE d SET up = 3 WHERE id = 4")
    sides.old.execute("UPDATE s SET x = x + 10; UPDATE s SET up = 1 WHERE id = 3; UPDATE s SET up = 3 WHERE id IN (4, 5)")
    sides.sync("run", code=3)
    assert quarantine(sides) == {"a": {"5": changed}}
    assert sides.rows() == [(1, 11, 2), (2, 12, 1), (3, 13, 1), (4, 14, 3), (5, 15, 1)]
    # Those are known by now. The update has begun when the row is changed: the server shows it the newer one.
    sides.new.execute(f"""CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_catalog.pg_advisory_xact_lock_shared({GATE}); RETURN NULL; END';
        CREATE TRIGGER gate BEFORE UPDATE OF up ON d FOR EACH STATEMENT EXECUTE FUNCTION gate()""")
    sides.old.execute("UPDATE s SET up = 2 WHERE id IN (3, 4); UPDATE s SET up = 1 WHERE id = 5")
    with closed_gate(sides.new):
        running = sides.start("sync", "run", "--json")
        until_at_gate(sides.new, running)
        sides.new.execute("SET session_replication_role = replica; UPDATE d SET up = 5 WHERE id = 4")
    running.finish(3)
    assert quarantine(sides) == {"a": {"4": changed}}
    assert sides.rows(columns="id, up") == [(1, 2), (2, 1), (3, 2), (4, 5), (5, 1)]
    assert sides.new.execute("SELECT key FROM godwit.sync_filled ORDER BY 1") == [("1",), ("2",), ("3",), ("4",), ("5",)]
