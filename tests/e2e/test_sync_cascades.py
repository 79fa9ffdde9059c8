"""A delete takes no row along that nobody asked to lose: who is still referred to by a cascading foreign key waits."""
ALL = ("--max-deletes", "100")


def ids(sides, table, columns="id"):
    return [r[0] if len(r) == 1 else r for r in sides.rows(table, columns)]


def held(sides, entity="p"):
    """{key: (kind, SQLSTATE)}"""
    return {int(k): (kind, state) for k, kind, state in sides.rejects(entity)}


def test_rows_that_others_refer_to_wait(sides):
    """Tables of no entity: CASCADE and behind it another, SET NULL from partitions, SET DEFAULT; the table's own keys."""
    sides.tables("""CREATE TABLE p (id int PRIMARY KEY, x int, up int, peer int); INSERT INTO p SELECT i, i FROM generate_series(1, 60) i;
        UPDATE p SET up = id - 1 WHERE id IN (11, 12, 21, 31); UPDATE p SET peer = id - 1 WHERE id IN (11, 41, 51)""",
                 """CREATE TABLE p (id int PRIMARY KEY, x int, up int REFERENCES p ON DELETE CASCADE, peer int REFERENCES p ON DELETE SET NULL);
        CREATE TABLE notes (id int PRIMARY KEY, p int REFERENCES p ON DELETE CASCADE);
        CREATE TABLE lines (note int REFERENCES notes ON DELETE CASCADE);
        CREATE TABLE marks (id int, p int REFERENCES p ON DELETE SET NULL) PARTITION BY RANGE (id);
        CREATE TABLE marks_1 PARTITION OF marks FOR VALUES FROM (0) TO (10); CREATE TABLE marks_2 PARTITION OF marks FOR VALUES FROM (10) TO (20);
        CREATE TABLE falls (p int DEFAULT 60 REFERENCES p ON DELETE SET DEFAULT); CREATE TABLE plain (p int REFERENCES p)""")
    sides.map("p", "x", "{from: up, to: up, reference: p}", "{from: peer, to: peer, reference: p}", rest="deletes: delete\n")
    sides.register()
    sides.sync("run")
    sides.new.execute("""INSERT INTO notes VALUES (1, 1), (2, 1), (3, 21), (4, 59); INSERT INTO lines VALUES (1), (1), (3);
        INSERT INTO marks VALUES (1, 2), (11, 3), (2, 58); INSERT INTO falls VALUES (4), (57); INSERT INTO plain VALUES (31), (41)""")
    others = {t: sides.rows(t, "t::text", "1") for t in ("notes t", "lines t", "marks t", "falls t", "plain t")}
    sides.old.execute("DELETE FROM p WHERE id IN (1, 2, 3, 4, 5, 10, 11, 12, 20, 21, 30, 31, 40, 41, 50, 51)")
    waits, refused = ("reference", None), ("server", "23503")
    expected = {**dict.fromkeys([1, 2, 3, 4, 20, 21, 40], waits), **dict.fromkeys([30, 31, 41], refused)}
    (said,) = sides.sync("run", *ALL, code=3)["entities"]
    assert held(sides) == expected and (said["deleted"], said["rejected"]) == (6, 10), said
    assert {t: sides.rows(t, "t::text", "1") for t in others} == others
    assert [i for i in ids(sides, "p") if i < 52] == sorted({*range(1, 52)} - {5, 10, 11, 12, 50, 51})
    assert sides.new.value("SELECT peer FROM p WHERE id = 41") == 40
    message, place = sides.new.execute("SELECT message, place FROM godwit.sync_rejects WHERE key = '1'")[0]
    assert message.startswith("2 rows of public.notes still refer to it") and "notes_p_fkey, ON DELETE CASCADE" in message
    assert place == "public.notes.notes_p_fkey"
    # Who referred is gone, or refers to another: the next run deletes.
    sides.new.execute("DELETE FROM notes WHERE p IN (1, 21); UPDATE marks SET p = 58; UPDATE falls SET p = 57; DELETE FROM plain")
    sides.sync("run", *ALL)
    sides.both("SELECT * FROM p ORDER BY 1", "SELECT * FROM p ORDER BY 1")
    assert sides.rejects() == [] and sides.sync("verify")["equal"]


def test_what_goes_in_one_session_holds_nothing_back(sides):
    """Children go first; one that stays for a conflict, or that is left by `ignore`, keeps its parent."""
    sides.tables("""CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, x int, p int); CREATE TABLE k (id int PRIMARY KEY, p int);
        INSERT INTO p SELECT generate_series(1, 20); INSERT INTO c SELECT i, i, i FROM generate_series(1, 10) i; INSERT INTO k VALUES (4, 4)""",
                 """CREATE TABLE p (id uuid PRIMARY KEY, legacy int); CREATE TABLE c (id int PRIMARY KEY, x int, p uuid REFERENCES p ON DELETE CASCADE);
        CREATE TABLE k (id int PRIMARY KEY, p uuid REFERENCES p ON DELETE SET NULL); CREATE TABLE notes (p uuid REFERENCES p ON DELETE CASCADE)""")
    sides.map("p", "{from: id, to: legacy}", rest="identity: uuid-v7\ndeletes: delete\n")
    sides.map("c", "x", "{from: p, to: p, reference: p}", rest="deletes: delete\n")
    sides.map("k", "{from: p, to: p, reference: p}", rest="deletes: ignore\n")
    sides.register()
    sides.sync("run")
    sides.new.execute("INSERT INTO notes SELECT id FROM p WHERE legacy = 5; UPDATE c SET x = 300 WHERE id = 3")
    sides.old.execute("DELETE FROM c WHERE id IN (1, 2, 3); DELETE FROM k; DELETE FROM p WHERE id IN (1, 2, 3, 4, 5)")
    sides.old.execute("UPDATE c SET p = 6 WHERE id IN (4, 5)")
    sides.sync("run", *ALL, code=3)
    assert held(sides, "c") == {3: ("changed", None)} and ids(sides, "p", "legacy")
    assert held(sides) == dict.fromkeys([3, 4, 5], ("reference", None))
    assert sorted(ids(sides, "p", "legacy"))[:4] == [3, 4, 5, 6]
    assert sides.new.execute("SELECT x FROM c WHERE p IS NOT NULL AND id = 3") == [(300,)]
    # It is said that they may go.
    sides.map("p", "{from: id, to: legacy}", rest="identity: uuid-v7\ndeletes: { delete: cascade }\n", version="1.1.0")
    sides.register()
    sides.sync("run", *ALL, code=None)
    assert held(sides) == {} and sorted(ids(sides, "p", "legacy"))[:1] == [6]
    assert sides.rows("notes") == [] and sides.rows("k") == [(4, None)]


def test_rows_of_one_table_that_go_in_several_batches(make_sides):
    """Who is referred to by a row of a later batch goes behind it, in the same run, whatever the key would do."""
    sides = make_sides(batch={"rows": 300})
    for name, action in (("p", "CASCADE"), ("q", "NO ACTION")):
        table = f"CREATE TABLE {name} (id int PRIMARY KEY, up int"
        sides.tables(f"{table}); INSERT INTO {name} SELECT i, CASE WHEN i > 510 THEN i - 500 END FROM generate_series(1, 515) i",
                     f"{table} REFERENCES {name} ON DELETE {action})")
        sides.map(name, f"{{from: up, to: up, reference: {name}}}", rest="deletes: delete\non_reject: fail\n")
    sides.register()
    sides.sync("run")
    sides.old.execute("DELETE FROM p WHERE id > 5; DELETE FROM q WHERE id > 5")
    said = sides.sync("run", *ALL)["entities"]
    assert [(e["deleted"], e["rejected"]) for e in said] == [(510, 0)] * 2
    assert ids(sides, "p") == ids(sides, "q") == [1, 2, 3, 4, 5] and sides.rejects() == []


def test_a_check_says_what_a_delete_would_set_off(sides):
    def warnings(deletes, others=0):
        sides.map("p", "x", rest=f"deletes: {deletes}\n")
        said = sides.godwit("sync", "mapping", "check", "--json").json["findings"]
        found = [(f["line"], f["column"], f["severity"], f["message"], f["hint"]) for f in said if "foreign key" in f["message"]]
        assert len(found) == (0 if deletes == "ignore" else 2 - others), said
        return found

    sides.tables("CREATE TABLE p (id int PRIMARY KEY, x int); CREATE TABLE c (id int PRIMARY KEY, p int)",
                 """CREATE TABLE p (id int PRIMARY KEY, x int); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p ON DELETE CASCADE);
        CREATE TABLE notes (p int REFERENCES p ON DELETE SET NULL); CREATE TABLE plain (p int REFERENCES p)""")
    assert warnings("ignore") == []
    found = warnings("delete")
    assert [f[:3] for f in found] == [(7, 1, "warning")] * 2
    assert "not deleted as long as rows of public.c refer to it (foreign key c_p_fkey, ON DELETE CASCADE)" in found[0][3]
    assert "{ delete: cascade } empties" in found[1][4]
    assert "empties the rows of public.notes that refer to it as well" in warnings("{ delete: cascade }")[1][3]
    sides.map("c", "{from: p, to: p, reference: p}", rest="deletes: delete\n")  # these go first
    assert "public.notes" in warnings("delete", others=1)[0][3]


def test_a_role_that_does_not_see_who_refers_deletes_nothing(sides):
    sides.tables("CREATE TABLE p (id int PRIMARY KEY, x int); INSERT INTO p VALUES (1, 1), (2, 2)",
                 "CREATE TABLE p (id int PRIMARY KEY, x int); CREATE TABLE notes (p int REFERENCES p ON DELETE CASCADE)")
    writer = sides.new.role("GRANT ALL ON p TO {role}", "GRANT CREATE ON DATABASE {database} TO {role}")
    sides.settings(destination=sides.new.url_for(writer))
    sides.map("p", "x", rest="deletes: delete\n")
    (finding,) = [f for f in sides.godwit("sync", "mapping", "check", "--json").json["findings"] if "foreign key" in f["message"]]
    assert finding["message"].startswith("no row can be deleted") and f'GRANT SELECT ON public.notes TO "{writer}"' in finding["hint"]
    sides.register()
    sides.sync("run")
    sides.new.execute("INSERT INTO notes VALUES (2)")
    sides.old.execute("DELETE FROM p")
    sides.sync("run", *ALL, code=3)
    assert held(sides) == dict.fromkeys([1, 2], ("reference", None))
    sides.new.execute(f"GRANT SELECT ON notes TO {writer}")
    sides.sync("run", *ALL, code=3)
    assert held(sides) == {2: ("reference", None)} and ids(sides, "notes", "p") == [2]


def test_a_key_that_no_field_fills_gives_an_order_of_deletes(sides):
    """Who fills it is not Godwit; rows that refer go first all the same, and a cycle of such keys waits for no second pass."""
    for name, key, to in (("a", "z", "c"), ("b", "up", "a"), ("c", "up", "b")):
        sides.tables(f"CREATE TABLE {name} (id int PRIMARY KEY); INSERT INTO {name} SELECT generate_series(1, 4)",
                     f"CREATE TABLE {name} (id int PRIMARY KEY, {key} int)")
        sides.map(name, rest="fields: []\ndeletes: delete\non_reject: fail\n")
        sides.write(f"sync/{name}.yaml", sides.path.joinpath(f"sync/{name}.yaml").read_text().replace("fields:\n", "", 1))
    sides.new.execute("""ALTER TABLE b ADD FOREIGN KEY (up) REFERENCES a ON DELETE CASCADE; ALTER TABLE c ADD FOREIGN KEY (up) REFERENCES b ON DELETE CASCADE;
        ALTER TABLE a ADD FOREIGN KEY (z) REFERENCES c""")
    sides.register()
    sides.sync("run")
    sides.new.execute("UPDATE b SET up = id; UPDATE c SET up = id")
    sides.old.execute("DELETE FROM a WHERE id > 2; DELETE FROM b WHERE id > 2; DELETE FROM c WHERE id > 2")
    said = sides.sync("run", *ALL)["entities"]
    assert [(e["deleted"], e["rejected"]) for e in said] == [(2, 0)] * 3 and sides.rejects() == []
    # One that stays is named by its key.
    sides.old.execute("DELETE FROM a WHERE id = 2")
    said = sides.sync("run", *ALL, code=3)["error"]
    assert "1 row of public.b still refer to it" in said["message"] and said["detail"] == "its key is 2"


def test_rows_that_go_and_refer_to_each_other_go(sides):
    """Entities in a ring of three, ids kept and new; every key cascades or refuses. Who is held by somebody else keeps what leads to rows that stay."""
    sides.tables("""CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, c int); CREATE TABLE c (id int PRIMARY KEY, a int);
        INSERT INTO a SELECT i, i FROM generate_series(1, 8) i; INSERT INTO b TABLE a; INSERT INTO c TABLE a""",
                 """CREATE TABLE a (id uuid PRIMARY KEY, legacy int, b int NOT NULL); CREATE TABLE b (id int PRIMARY KEY, c int NOT NULL);
        CREATE TABLE c (id int PRIMARY KEY, a uuid REFERENCES a ON DELETE CASCADE);
        ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b ON DELETE CASCADE; ALTER TABLE b ADD FOREIGN KEY (c) REFERENCES c;
        CREATE TABLE notes (c int REFERENCES c ON DELETE CASCADE)""")
    sides.map("a", "{from: id, to: legacy}", "{from: b, to: b, reference: b}", rest="identity: uuid-v7\ndeletes: delete\non_reject: fail\n")
    sides.map("b", "{from: c, to: c, reference: c}", rest="deletes: delete\non_reject: fail\n")
    sides.map("c", "{from: a, to: a, reference: a}", rest="deletes: delete\n")
    sides.register()
    sides.sync("run")
    sides.new.execute("INSERT INTO notes VALUES (3), (4)")
    sides.old.execute("DELETE FROM a WHERE id < 4; DELETE FROM b WHERE id < 4; DELETE FROM c WHERE id IN (1, 2, 3, 4); UPDATE b SET c = 5 WHERE id = 4")
    said = sides.sync("run", *ALL, code=3)["entities"]
    assert {e["entity"]: (e["deleted"], e["rejected"]) for e in said} == {"a": (3, 0), "b": (3, 0), "c": (2, 2)}
    assert ids(sides, "a", "legacy") and sorted(ids(sides, "a", "legacy")) == ids(sides, "b") == [4, 5, 6, 7, 8]
    # 3 has let go of what is gone; 4 keeps what is not. Back in the source, 3 refers to what is there by then.
    assert sides.rows("c JOIN a ON a.id = c.a", "c.id, a.legacy") == [(i, i) for i in range(4, 9)]
    assert sides.rows("c", "id") == [(i,) for i in range(3, 9)] and held(sides, "c") == dict.fromkeys([3, 4], ("reference", None))
    sides.old.execute("INSERT INTO a VALUES (3, 5); INSERT INTO c VALUES (3, 3)")
    sides.new.execute("DELETE FROM notes")
    sides.sync("run", *ALL)
    sides.both("SELECT id, a FROM c ORDER BY 1", "SELECT c.id, a.legacy FROM c JOIN a ON a.id = c.a ORDER BY 1")
    assert sides.rejects() == [] and sides.sync("verify")["equal"] and sides.sync("run")["entities"][0]["modified"] == 0
