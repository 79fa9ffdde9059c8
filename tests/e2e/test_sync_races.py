"""Between the moment in which a row of the destination is judged and the one in which it is written, others write too: other
workers of the same run, and whoever else uses the destination. Nobody's row goes over another's unasked."""
from harness.blocking import GATE, closed_gate, holding, until_blocked


def gate(sides, when, table="d"):
    """Statements of this kind wait at the gate when what they are to write has been judged."""
    sides.new.execute(f"""CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_catalog.pg_advisory_xact_lock_shared({GATE}); RETURN NULL; END';
        CREATE TRIGGER gate BEFORE {when} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION gate()""")


def beside_each_other(sides, new, *fields, rest="", key="id"):
    """Two workers load into one destination that has rows already, and stand in each other's way or at the gate before one has
    written: (2, b) and (102, b) meet there. The key that was rejected, and why."""
    sides.settings(jobs=2)
    sides.tables("""CREATE TABLE s1 (id int PRIMARY KEY, code text, x int); INSERT INTO s1 VALUES (1, 'a', 1), (2, 'b', 2);
        CREATE TABLE s2 (id int PRIMARY KEY, code text, x int); INSERT INTO s2 VALUES (101, 'c', 101), (102, 'b', 102)""",
                 f"CREATE TABLE d ({new}, x int); INSERT INTO d (id, code, x) VALUES (900, '900', 900)")
    for source in ("s1", "s2"):
        sides.map(source, "code", "x", *fields, destination=f"{{table: d, key: {key}}}", rest=rest)
    sides.register()
    gate(sides, "INSERT")
    with closed_gate(sides.new):
        running = sides.start("sync", "run", "--json")
        until_blocked(sides.new, running, 2)
    assert running.finish().code == 3
    [(key, kind, _)] = sides.rejects()
    other = {"2": 102, "102": 2}[key]
    assert sides.rows(columns="code, x", order="code") == [("900", 900), ("a", 1), ("b", other), ("c", 101)]
    return kind


def test_two_rows_of_one_key_in_two_workers_are_both_accounted_for(sides):
    assert beside_each_other(sides, "id int, code text PRIMARY KEY", key="code") == "conflict"
    assert {e["entity"]: e["counts"]["quarantined"]["source"] for e in sides.sync("verify", code=3)["entities"]} in ({"s1": 0, "s2": 1}, {"s1": 1, "s2": 0})


def test_the_rule_unique_holds_between_two_workers(sides):
    assert beside_each_other(sides, "id int PRIMARY KEY, code text", "id", rest="rules:\n- {field: code, rule: unique}\n") == "rule"


def behind_what_was_judged(sides, tables, *statements):
    """A run whose rows are judged, and so locked; before it writes, somebody else does these."""
    with holding(sides.new, f"LOCK TABLE {', '.join(tables)} IN SHARE MODE") as other:
        running = sides.start("sync", "run", "--max-deletes", "50%", "--jobs", "3", "--json")
        until_blocked(sides.new, running, len(tables))
        with other.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        other.commit()
    return running.finish()


def test_a_row_that_comes_between_judging_and_writing_is_not_overwritten_unasked(sides):
    """Nor is it deleted for another one of its key that was gone by then."""
    policies = ("quarantine", "overwrite", "keep")
    for policy in policies:
        sides.tables(f"CREATE TABLE {policy} (id int PRIMARY KEY, x int); INSERT INTO {policy} SELECT i, i FROM generate_series(1, 20) i",
                     f"CREATE TABLE {policy} (id int PRIMARY KEY, x int)")
        sides.map(policy, "id", "x", rest=f"deletes: delete\non_destination_change: {policy}\nrules:\n- {{field: x, rule: unique}}\n")
    sides.register()
    sides.sync("run", "--jobs", "3")
    for policy in policies:
        sides.old.execute(f"INSERT INTO {policy} VALUES (50, 50), (51, 51)")
    ended = behind_what_was_judged(sides, policies, *(f"INSERT INTO {policy} VALUES (50, 500)" for policy in policies))
    assert ended.code == 3
    for policy, x in zip(policies, (500, 50, 500)):
        assert sides.rows(policy)[20:] == [(50, x), (51, 51)]
    assert [(key, kind) for key, kind, _ in sides.rejects()] == [("50", "conflict")]
    sides.new.execute("DELETE FROM keep WHERE id = 20")
    sides.old.execute("DELETE FROM keep WHERE id IN (19, 20)")
    behind_what_was_judged(sides, ["keep"], "INSERT INTO keep VALUES (20, 2000)")
    assert sides.rows("keep")[17:] == [(18, 18), (20, 2000), (50, 500), (51, 51)]
