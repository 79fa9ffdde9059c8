"""Both sides compared: whatever differs is named with its place, and every row of either side is accounted for."""
import pytest

from harness.waiting import until

ADVERSE = "Täble \"x\".y'z; \\ " + "n" * 40  # 63 bytes with its two-byte letter
SENSITIVE = "sensitive: [email]\n"


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def one(said, entity=None):
    found = [e for e in said["entities"] if entity in (None, e["entity"])][0]
    counts = {k: (c["source"], c["destination"]) for k, c in found["counts"].items() if c["source"] or c["destination"]}
    for side, rows in (("source", found["source_rows"]), ("destination", found["destination_rows"])):
        assert sum(c[side] for c in found["counts"].values()) == rows, found["counts"]
    told = {}
    for d in found["differences"]:
        told.setdefault(d["kind"], {})[d["key"] or d["destination_key"]] = {
            c["column"]: (c["source"], c["destination"]) for c in d["columns"]}
    return counts, told, found


def verify(sides, *words, code=3, entity=None):
    """(counts, differences, all): the same whether fingerprints are believed or not."""
    chain = one(sides.sync("verify", *words, code=code), entity)
    whole = one(sides.sync("verify", "--whole", *words, code=code), entity)
    assert chain[:2] == whole[:2]
    return chain


@pytest.fixture
def people(sides):
    sides.tables(
        "CREATE TABLE person (id int PRIMARY KEY, email text, n numeric, f float8, t timestamptz, j jsonb, b bytea);"
        "INSERT INTO person SELECT i, 'p' || i || '@x', i / 4.0, i, now(), '{\"b\": 1, \"a\": 2}', decode(md5(i::text), 'hex')"
        " FROM generate_series(1, 300) i; UPDATE person SET email = NULL WHERE id = 3; UPDATE person SET n = 'NaN', f = '-0' WHERE id = 7",
        "CREATE TABLE people (id bigint PRIMARY KEY, email text, n numeric, f float8, t timestamptz, j jsonb, b bytea)")
    sides.map("people", "email", "n", "f", "t", "j", "b", source="person", rest="identity: keep\ndeletes: delete\n" + SENSITIVE)
    sides.register()
    sides.sync("run")
    return sides


def test_what_somebody_changed_in_the_destination(people):
    counts, told, all_of_it = verify(people, code=0)
    assert counts == {"equal": (300, 300)} and all_of_it["equal"] and not told
    people.new.execute("""UPDATE people SET email = 'secret@x' WHERE id = 2; UPDATE people SET email = '' WHERE id = 3;
        UPDATE people SET n = n::numeric(9,6) WHERE id = 6; UPDATE people SET f = '0' WHERE id = 7;
        UPDATE people SET b = '' WHERE id = 8; DELETE FROM people WHERE id = 9; INSERT INTO people (id) VALUES (1000);
        UPDATE people SET j = '{"a": 2, "b": 1}', t = t AT TIME ZONE 'UTC' AT TIME ZONE 'UTC' WHERE id < 50""")
    counts, told, _ = verify(people)
    assert counts == {"equal": (294, 294), "different": (5, 5), "missing": (1, 0), "extra": (0, 1)}
    assert told["different"]["2"] == {"email": ("***", "***")}
    assert told["different"]["3"] == {"email": (None, "***")} and told["different"]["7"] == {"f": ("-0", "0")}
    assert told["different"]["6"] == {"n": ("1.5000000000000000", "1.500000")}
    assert "9" in told["missing"] and "1000" in told["extra"]
    text = people.godwit("sync", "verify", code=3).out
    assert "secret" not in text and "the two sides do not agree" in text and "in the destination alone" in text


def test_what_is_not_there_yet(people):
    people.old.execute("INSERT INTO person (id) VALUES (301); UPDATE person SET n = 0 WHERE id = 1; DELETE FROM person WHERE id = 2")
    counts, told, found = verify(people)
    assert counts == {"equal": (298, 298), "new": (1, 0), "changed": (1, 1), "deleted": (0, 1)}
    assert not found["run_under_way"] and found["not_there_yet"] == 3
    # A run is under way: nothing is against it.
    people.new.execute("""INSERT INTO godwit.migration_status_tracking (id, migration_session_id, lease_until)
        VALUES ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002', now() + interval '1 hour')""")
    people.new.execute("""INSERT INTO godwit.migration_control (run_id, migration_session_id, entity_type, mapping_id)
        SELECT '00000000-0000-0000-0000-000000000003', '00000000-0000-0000-0000-000000000002', entity_type, id
        FROM godwit.schema_mapping_definitions""")
    assert one(people.sync("verify", code=0))[0] == counts
    assert "3 rows not there yet: a run is under way" in people.godwit("sync", "verify", code=0).out
    people.new.execute("UPDATE people SET n = 5 WHERE id = 1")
    assert one(people.sync("verify", code=3))[1]["different"]["1"] == {"n": ("0", "5")}


@pytest.mark.slow
def test_the_quarantine_is_accounted_for(sides):
    sides.tables("CREATE TABLE s (id text PRIMARY KEY, x text); INSERT INTO s VALUES ('1', '1'), ('2', 'two'), ('Ä 3', '3')",
                 "CREATE TABLE d (id text PRIMARY KEY, x int)")
    sides.map("d", "x", source="s", rest="identity: keep\n")
    sides.register()
    sides.sync("run", code=3)
    counts, told, found = verify(sides)
    assert counts == {"equal": (2, 2), "quarantined": (1, 0)} and found["quarantine"]["rows"] == 1
    assert list(told["quarantined"]) == ["2"]
    sides.old.execute("UPDATE s SET x = 'three' WHERE id = 'Ä 3'")
    sides.sync("run", code=3)
    assert verify(sides)[0] == {"equal": (1, 1), "quarantined": (2, 1)}
    # deletes: ignore
    sides.old.execute("DELETE FROM s WHERE id = '1'")
    assert verify(sides)[0] == {"ignored": (0, 1), "quarantined": (2, 1)}
    sides.sync("run", code=3)
    assert verify(sides)[0] == {"ignored": (0, 1), "quarantined": (2, 1)}
    sides.new.execute("INSERT INTO d VALUES ('mine', 1)")
    counts, told, _ = verify(sides)
    assert counts == {"ignored": (0, 1), "quarantined": (2, 1), "extra": (0, 1)}


def test_ids_that_change_references_and_soft_deletes(sides):
    sides.tables(
        f"CREATE TABLE {quoted(ADVERSE)} (id int PRIMARY KEY, name text); INSERT INTO {quoted(ADVERSE)} VALUES (1, 'a'), (2, 'b');"
        "CREATE TABLE m (a int, b text COLLATE \"C\", d int, PRIMARY KEY (a, b));"
        "INSERT INTO m SELECT i % 5, 'k' || i, 1 + i % 2 FROM generate_series(1, 20) i",
        "CREATE TABLE doctors (id uuid PRIMARY KEY, legacy int, name text, gone timestamptz);"
        "CREATE TABLE notes (id uuid PRIMARY KEY, a int, b text, doctor uuid)")
    sides.map("doctors", "{from: id, to: legacy}", "name", source="{table: '" + quoted(ADVERSE).replace("'", "''") + "', key: id}",
              destination="doctors", rest="identity: uuid-v7\ndeletes: {soft: gone}\n")
    sides.map("notes", "a", "b", "{from: d, to: doctor, reference: doctors}", source="{table: m, key: [a, b]}", destination="notes",
              rest="identity: uuid-v7\ndeletes: delete\n")
    sides.register()
    sides.sync("run")
    assert verify(sides, code=0, entity="notes")[0] == {"equal": (20, 20)}
    sides.old.execute(f"DELETE FROM m WHERE d = 2; DELETE FROM {quoted(ADVERSE)} WHERE id = 2")
    sides.sync("run", "--max-deletes", "100")
    assert verify(sides, code=0, entity="doctors")[0] == {"equal": (1, 1), "marked": (0, 1)}
    sides.new.execute("""UPDATE doctors SET gone = NULL; INSERT INTO doctors SELECT md5('x')::uuid, 1, 'a';
        UPDATE notes SET doctor = md5('y')::uuid WHERE b = 'k2'; DELETE FROM notes WHERE b = 'k4'""")
    said = sides.sync("verify", code=3)
    counts, told, _ = one(said, "doctors")
    assert counts == {"equal": (1, 1), "gone": (0, 1), "duplicate": (0, 1)} and list(told["gone"]) == ["2"]
    counts, told, found = one(said, "notes")
    assert counts == {"equal": (8, 8), "different": (1, 1), "missing": (1, 0)}
    assert list(told["missing"]) == ['["4", "k4"]'] and found["id_map"] == {"rows": 10, "lost": 1}
    assert found["references"][0]["lead_nowhere"] == 1


def test_long_values_are_shown_where_they_differ(sides):
    sides.tables("CREATE TABLE s (id int PRIMARY KEY, x text); INSERT INTO s VALUES (1, repeat('a', 1000000) || 'b')",
                 "CREATE TABLE d (id int PRIMARY KEY, x text)")
    sides.map("d", "x", source="s", rest="identity: keep\n")
    sides.register()
    sides.sync("run")
    sides.new.execute("UPDATE d SET x = 'aa' || chr(10) || 'c'")
    found = one(sides.sync("verify", code=3))[2]["differences"][0]["columns"][0]
    assert (found["source_length"], found["destination_length"]) == (1000001, 4) and len(found["source"]) == 400
    out = sides.godwit("sync", "verify", code=3).out
    assert "(1000001 characters)" in out and max(map(len, out.splitlines())) < 300


def test_nothing_is_written_and_wrong_words_are_named(people):
    before = people.new.execute("SELECT relname, reltuples FROM pg_class WHERE relnamespace = 'godwit'::regnamespace ORDER BY 1")
    people.godwit("sync", "verify", code=0)
    assert people.new.execute("SELECT relname, reltuples FROM pg_class WHERE relnamespace = 'godwit'::regnamespace ORDER BY 1") == before
    assert "no active mapping" in people.godwit("sync", "verify", "peple", code=2).err
    people.new.execute("ALTER TABLE people DROP COLUMN b")
    assert "column b" in people.godwit("sync", "verify", code=1).err


@pytest.mark.slow
def test_beside_a_run(people):
    """Whatever is applied while it looks, nothing is told to differ."""
    people.old.execute("INSERT INTO person SELECT i, 'p' || i FROM generate_series(1000, 40000) i")
    running = people.start("sync", "run", "--batch-size", "500")
    until(lambda: people.new.value("SELECT count(*) FROM people") > 300 or running.process.poll() is not None, 60, "rows on their way")
    while running.process.poll() is None:
        said = people.godwit("sync", "verify", "--json", code=(0, 3))
        kinds = set(one(said.json)[0])
        assert kinds <= {"equal", "new"}, kinds
    running.finish(0)
    assert verify(people, code=0)[0] == {"equal": (39301, 39301)}


LEAKS = [
    # what the destination, a rule, a function or the source's query has against the value
    ("email", "email text CHECK (email NOT LIKE 'hush%')", ""),
    ("email", "email text CHECK (length(email) < 9)", ""),
    ("email", "email varchar(9)", ""),
    ("{from: email, to: email, type: int}", "email int", ""),
    ("email", "email text UNIQUE", ""),
    ("{from: email, to: email, reference: people}", "email text", ""),
    ("email", "email text", "rules:\n- {field: email, rule: format, parameters: {pattern: '^a'}}\n"),
    ("email", "email text", "rules:\n- {field: email, rule: sql, sql: \"email::int > 0\"}\n"),
    ("{to: email, sql: 'email::int::text'}", "email text", ""),
    ("email", "email text CHECK (email NOT LIKE 'hush%')", "on_reject: fail\n"),
    ("email", "email text CHECK (lower(email) <> email || pg_catalog.current_setting(email))", ""),
]


@pytest.mark.many
@pytest.mark.parametrize("field, column, rest", LEAKS, ids=[f"{c[1]} {c[0]} {c[2]}".strip() for c in LEAKS])
def test_a_sensitive_value_is_said_nowhere(sides, field, column, rest):
    sides.tables("CREATE TABLE person (id int PRIMARY KEY, email text, n int);"
                 "INSERT INTO person SELECT i, 'hushhush' || i / 2, i FROM generate_series(10, 29) i",
                 f"CREATE TABLE people (id int PRIMARY KEY, {column}, n int CHECK (n < 25))")
    sides.map("people", field, "n", source="person", rest="identity: keep\n" + SENSITIVE + rest)
    sides.register()
    said = []
    for words in (("run", "-v"), ("run", "--json"), ("verify",), ("verify", "--whole", "--json"), ("rejects",), ("rejects", "--json"),
                  ("rejects", "--retry"), ("logs",), ("logs", "--json"), ("status", "--json"), ("detect",), ("list", "--json")):
        said.append(str(sides.godwit("sync", *words)))
    for (table,) in sides.new.execute("SELECT relname FROM pg_class WHERE relnamespace = 'godwit'::regnamespace AND relkind = 'r'"):
        said.append(f"{table}: {sides.new.execute(f'SELECT t::text FROM godwit.{table} t')}")
    for path in sides.path.rglob("*"):
        if path.is_file() and ".godwit/postgres" not in str(path):
            said.append(f"{path}: {path.read_text(errors='replace')}")
    leaks = [text for text in said if "hushhush" in text]
    assert not leaks, leaks[0]
    assert len(said) > 20


@pytest.mark.slow
def test_text_counts_the_quarantine_by_its_reasons(sides):
    sides.tables("CREATE TABLE s (id int PRIMARY KEY, x text); INSERT INTO s SELECT i, 'word ' || i FROM generate_series(1, 150) i;"
                 "INSERT INTO s VALUES (200, '-7'), (201, '-8'), (202, '5')",
                 "CREATE TABLE d (id int PRIMARY KEY, x int CONSTRAINT \"not below zero\" CHECK (x >= 0))")
    sides.map("d", "x", source="s", rest="identity: keep\n")
    sides.register()
    sides.sync("run", code=3)
    text = sides.godwit("sync", "verify", code=3).out
    lines = [line.split() for line in text.splitlines()]
    assert len(lines) < 20 and "Failing row" not in text and "word" not in text, text
    assert any(line[:1] == ["150"] and "integer" in line for line in lines), text
    assert any(line[:1] == ["2"] and "not below zero)" in " ".join(line) for line in lines), text
    assert len(one(sides.sync("verify", code=3))[1]["quarantined"]) == 152


@pytest.mark.slow
def test_rows_through_typescript(sides):
    sides.tables("CREATE TABLE s (id int PRIMARY KEY, x text, n bigint); INSERT INTO s SELECT i, 'Word ' || i, i FROM generate_series(1, 100) i;"
                 "UPDATE s SET x = NULL WHERE id = 5", "CREATE TABLE d (id int PRIMARY KEY, x text, n bigint)")
    sides.map("d", "{to: x, transform: up}", "{to: n, transform: twice}", source="s", rest="""identity: keep
functions:
  up: |
    (row: Row): string | null => {
      if (row.id === 9) throw new Error("not nine");
      return row.x === null ? null : row.x.toUpperCase();
    }
  twice: '(row: Row): bigint | null => row.n === null ? null : row.n * 2n'
""")
    said = sides.godwit("sync", "mapping", "check", "--json").json
    if any("TypeScript functions cannot be" in f["message"] for f in said["findings"]):
        pytest.skip(said["findings"][0]["message"])
    sides.register()
    sides.sync("run", code=3)
    counts, told, _ = verify(sides)
    assert counts == {"equal": (99, 99), "quarantined": (1, 0)} and list(told["quarantined"]) == ["9"]
    sides.new.execute("UPDATE d SET x = 'word 7' WHERE id = 7; UPDATE d SET n = 9007199254740993 WHERE id = 8; UPDATE d SET x = '' WHERE id = 5")
    counts, told, _ = verify(sides)
    assert counts == {"equal": (96, 96), "quarantined": (1, 0), "different": (3, 3)}
    assert told["different"] == {"5": {"x": (None, "")}, "7": {"x": ("WORD 7", "word 7")}, "8": {"n": ("16", "9007199254740993")}}


def test_nothing_masked_is_told(sides):
    """Neither in an error, the quarantine, the log, a comparison nor in what Godwit keeps of them, but for the keys themselves."""
    sides.tables("""CREATE TABLE p (id text PRIMARY KEY); INSERT INTO p VALUES ('hush1'), ('hush2');
        CREATE TABLE s (id text, x text, y text, z text, p text, q int);
        INSERT INTO s VALUES ('hush3', 'hush4', 'hush5', 'hush6', 'hush7', 1), ('hush8', 'hush9', 'hush10', 'hush11', 'hush1', 2),
        ('hush12', 'hush13', 'hush14', 'hush15', NULL, 3); ALTER TABLE s ADD PRIMARY KEY (id)""",
                 """CREATE TABLE parents (id uuid PRIMARY KEY, old text);
        CREATE TABLE d (id text PRIMARY KEY, x text, y text, z text, c text, p uuid, q int UNIQUE, r text, w text CHECK (w <> 'HUSH9'))""")
    sides.map("parents", "{from: id, to: old}", source="p", rest="identity: uuid-v7\nsensitive: [id]\n")
    sides.map("d", "x", "{sql: 'upper(y)', to: y}", '{sql: "to_jsonb(s)->>\'z\'", to: z}', "{from: p, to: p, reference: parents}", "q",
              "{sql: 'upper(x)', to: w}", "{sql: 'row(s.*)::text', to: r}", source="s", rest="identity: keep\ndeletes: delete\nsensitive: [id, x, y, p]\n"
              "rules:\n- {field: z, sql: \"z <> 'hush15'\", message: refused}\n")
    sides.register()
    told = []

    def say(*words, code=0):
        result = sides.godwit("sync", *words, code=code)
        told.append(result.out + result.err)

    say("run", "-v", code=3)
    assert sorted(r[1:] for r in sides.rejects("d")) == [("reference", None), ("rule", None), ("server", "23514")]
    say("verify", code=3)
    say("verify", "--json", code=3)
    say("rejects", "--retry", code=3)
    say("rejects", "--json")
    sides.new.execute("ALTER TABLE d DROP CONSTRAINT d_w_check; INSERT INTO d (id, x, y, z, w) VALUES ('hush8', 'hush16', 'hush17', 'hush18', 'hush19')")
    sides.register()
    say("run", code=3)
    say("verify", "--whole", code=3)
    # A key that is none any more.
    sides.new.execute("DELETE FROM d")
    sides.old.execute("ALTER TABLE s DROP CONSTRAINT s_pkey; INSERT INTO s SELECT * FROM s WHERE id = 'hush3'")
    say("verify", code=None)
    say("detect", code=None)
    say("run", code=None)
    say("logs", code=None)
    say("logs", "--json", code=None)
    # What is kept: all but the keys.
    for table, but in (("sync_rejects", "- 'key'"), ("migration_execution_logs", ""), ("migration_status_tracking", ""), ("migration_control", "")):
        told += [str(r) for r in sides.new.execute(f"SELECT (to_jsonb(t) {but})::text FROM godwit.{table} t")]
    assert not [t for t in told if "hush" in t.lower()]


def test_many_ids_are_looked_up_at_once(sides):
    """Asked for one by one, 40,000 ids take minutes: each of them reads the whole table."""
    sides.tables("CREATE TABLE thing (id int PRIMARY KEY, n int); INSERT INTO thing SELECT i, i FROM generate_series(1, 40000) i",
                 "CREATE TABLE things (id uuid PRIMARY KEY, n int)")
    sides.map("things", "n", source="thing", rest="identity: uuid-v7\n")
    sides.register()
    sides.sync("run")
    sides.new.execute("DELETE FROM things WHERE n = 7")
    counts, told, _ = verify(sides)
    assert counts["equal"] == (39999, 39999) and list(told) == ["missing"] and list(told["missing"]) == ["7"]
