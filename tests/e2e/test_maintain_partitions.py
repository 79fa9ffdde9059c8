"""Upkeep of partitions: made ahead, the DEFAULT one drained, what is over archived and only then dropped."""
import json
import pathlib

import pytest

from harness import gwb, system
from harness.blocking import kill_at_lock, until_gone
from harness.waiting import until
from test_maintain import configure, maintain, outcomes

LONG = "ü" * 31 + "x"  # 63 bytes


def ranges(database, table):
    """{name: bounds} of a table's partitions, in UTC."""
    database_rows = database.execute(
        "SET TimeZone = 'UTC'; SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = inhrelid "
        "WHERE inhparent = %s::regclass ORDER BY 1", [table])
    return {name: bound.replace("FOR VALUES ", "").replace(" 00:00:00+00", "") for name, bound in database_rows}


def month(database, ahead):
    """(first day, name) of a month from now on, in UTC."""
    return database.execute("SELECT to_char(m, 'YYYY-MM-DD'), to_char(m, '\"y\"YYYY\"m\"MM') FROM (SELECT date_trunc('month', now() AT TIME ZONE 'UTC') "
                            "+ make_interval(months => %s) AS m) AS x", [ahead])[0]


def whats(said):
    return [s["what"] for s in said["steps"]]


def test_months_ahead_around_what_is_there(project, database):
    owner = database.role()
    database.execute(f'ALTER DATABASE "{database.name}" SET TimeZone = \'America/St_Johns\'')
    (this, first), (following, second), (last, third), (end, _) = (month(database, i) for i in range(4))
    odd = following[:8]
    database.execute(f"""
        SET TimeZone = 'UTC';
        CREATE SCHEMA "a ""b"; GRANT CREATE, USAGE ON SCHEMA "a ""b" TO "{owner}";
        CREATE TABLE public.parent (id int PRIMARY KEY); INSERT INTO public.parent VALUES (1);
        CREATE TABLE "a ""b"."{LONG}" (id int REFERENCES public.parent, "at it" timestamptz NOT NULL, n int DEFAULT 7 CHECK (n > 0),
            g int GENERATED ALWAYS AS (n * 2) STORED, UNIQUE (id, "at it")) PARTITION BY RANGE ("at it");
        CREATE INDEX ON "a ""b"."{LONG}" (n);
        CREATE TABLE "a ""b".by_hand PARTITION OF "a ""b"."{LONG}" FOR VALUES FROM ('{odd}10') TO ('{odd}20');
        ALTER TABLE "a ""b"."{LONG}" OWNER TO "{owner}";""")
    table = f'"a ""b"."{LONG}"'
    configure(project, database, {"partitions": [{"table": table, "every": "month", "ahead": 2}]})
    would = maintain(project, "--dry-run")
    assert len(ranges(database, table)) == 1 and len(would["steps"]) == 4
    said = maintain(project)
    assert [s["outcome"] for s in said["steps"]] == ["done"] * 4, said
    assert whats(said) == whats(would)
    found = ranges(database, table)
    assert sorted(found.values()) == sorted([
        f"FROM ('{this}') TO ('{following}')", f"FROM ('{following}') TO ('{odd}10')", f"FROM ('{odd}10') TO ('{odd}20')",
        f"FROM ('{odd}20') TO ('{last}')", f"FROM ('{last}') TO ('{end}')"])
    assert all(len(name.encode()) <= 63 for name in found)
    assert {n[-9:] for n in found if n != "by_hand"} >= {f"_{n}" for n in (first, second, third)}
    assert database.value("SELECT count(*) FROM pg_class WHERE relowner = %s::regrole AND relispartition AND relkind = 'r'", [f'"{owner}"']) == 4
    database.execute(f"INSERT INTO {table} (id, \"at it\") VALUES (1, now())")
    assert database.value(f"SELECT g FROM {table}") == 14
    with pytest.raises(Exception, match="foreign key|violates"):
        database.execute(f"INSERT INTO {table} (id, \"at it\") VALUES (2, now())")
    assert maintain(project)["steps"] == []
    configure(project, database, {"partitions": [{"table": table, "every": "month", "ahead": "3 months"}]})
    assert len(maintain(project)["steps"]) == 1
    assert database.value("SELECT count(*) FROM godwit.events WHERE action = 'maintain' AND name LIKE 'partitions %'") == 5


@pytest.mark.parametrize("kind, every, ahead, count", [
    ("date", "week", 2, 3), ("timestamp", "day", "2 days", 3), ("timestamptz", "hour", 1, 2), ("date", "quarter", 1, 2), ("timestamptz", "year", 1, 2)])
def test_other_times(project, database, kind, every, ahead, count):
    database.execute(f"CREATE TABLE public.t (at {kind}) PARTITION BY RANGE (at)")
    configure(project, database, {"partitions": [{"table": "t", "every": every, "ahead": ahead}]})
    assert [s["outcome"] for s in maintain(project)["steps"]] == ["done"] * count
    assert maintain(project)["steps"] == []
    if every != "hour":  # the hour may turn in between
        database.execute("INSERT INTO public.t VALUES (now())")


@pytest.mark.parametrize("kind", ["integer", "bigint", "numeric"])
def test_numbers(project, database, kind):
    database.execute(f"CREATE TABLE public.t (id {kind}) PARTITION BY RANGE (id); CREATE TABLE public.low PARTITION OF public.t FOR VALUES FROM (MINVALUE) TO (-5); "
                     "CREATE TABLE public.rest PARTITION OF public.t DEFAULT; INSERT INTO public.t VALUES (-3), (-1), (7), (2050), (NULL)")
    configure(project, database, {"partitions": [{"table": "public.t", "every": 1000, "ahead": 1}]})
    said = maintain(project)
    assert {s["outcome"] for s in said["steps"]} == {"done"}
    found = {n: b.replace("'", "") for n, b in ranges(database, "public.t").items()}
    assert found == {"low": "FROM (MINVALUE) TO (-5)", "rest": "DEFAULT", "t_n2000": "FROM (2000) TO (3000)", "t_n3000": "FROM (3000) TO (4000)",
                     "t_m5": "FROM (-5) TO (0)", "t_n0": "FROM (0) TO (1000)"}
    counts = {n: database.value(f"SELECT count(*) FROM public.{n}") for n in found}
    assert counts == {"low": 0, "rest": 1, "t_n2000": 1, "t_n3000": 0, "t_m5": 2, "t_n0": 1}
    assert maintain(project)["steps"] == []


def test_the_default_partition_is_drained(project, database):
    database.execute("""
        CREATE TABLE public.t (id int, gone int, g int GENERATED ALWAYS AS (id + 1) STORED, at timestamptz, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
        ALTER TABLE public.t DROP gone;
        CREATE TABLE public."t's ""rest" PARTITION OF public.t DEFAULT;
        INSERT INTO public.t (id, at) SELECT i, '2001-01-15'::timestamptz + make_interval(days => i) FROM generate_series(0, 99) i;
        INSERT INTO public.t (id, at) VALUES (1000, 'infinity'), (1001, '-infinity'), (1002, now())""")
    configure(project, database, {"partitions": [{"table": "public.t", "every": "month", "ahead": 1}]})
    before = database.execute("SELECT id, g, at::text FROM public.t ORDER BY 1")
    with database.connect(autocommit=False) as writer:
        writer.cursor().execute("INSERT INTO public.t (id, at) VALUES (5000, '2001-03-05')")
        said = maintain(project, "--lock-timeout", "50ms", "--budget", "600ms", code=None)
        assert not [s for s in said["steps"] if s["outcome"] == "done"]
        writer.rollback()
    said = maintain(project)
    assert {s["outcome"] for s in said["steps"]} == {"done"}
    assert "17 rows of the DEFAULT partition are in t_y2001m01 now" in [s["detail"] for s in said["steps"]]
    assert database.execute("SELECT id, g, at::text FROM public.t ORDER BY 1") == before
    assert database.value("SELECT count(*) FROM public.\"t's \"\"rest\"") == 2
    assert {"t_y2001m01", "t_y2001m02", "t_y2001m03", "t_y2001m04"} <= set(ranges(database, "public.t"))
    assert maintain(project)["steps"] == []


@pytest.mark.parametrize("what", ["drain", "detach", "convert"])
def test_who_has_read_may_write_while_upkeep_waits(project, database, what):
    """Whoever reads, and writes later in the same transaction, is never part of a deadlock: upkeep waits for a lock with none that could be in his way."""
    by = "" if what == "convert" else " PARTITION BY RANGE (id); CREATE TABLE public.rest PARTITION OF public.t DEFAULT"
    database.execute(f"""
        CREATE TABLE public.parent (id int PRIMARY KEY, v int); INSERT INTO public.parent VALUES (1, 1);
        CREATE TABLE public.t (id serial PRIMARY KEY, p int REFERENCES public.parent){by};
        INSERT INTO public.t VALUES (5, 1), (15, 1), (5000, 1)""")
    rule = {"table": "t", "every": 10, "ahead": 1}
    watched = {"drain": "public.rest", "detach": "public.t", "convert": "public.t"}[what]
    if what == "detach":
        database.execute("CREATE TABLE public.old PARTITION OF public.t FOR VALUES FROM (-20) TO (-10)")
        configure(project, database, {"partitions": [rule], "lock_timeout": "60s"})
        maintain(project)
        rule.update(keep=501, archive=False)
    if what == "convert":
        rule.update(every=1000, convert={"by": "id"})
    configure(project, database, {"partitions": [rule], "lock_timeout": "60s"})
    waits = (f"SELECT w.mode, (SELECT array_agg(g.mode || ' ' || g.relation::regclass ORDER BY 1) FROM pg_locks g WHERE g.pid = w.pid AND g.granted AND g.locktype = 'relation' "
             "AND g.relation IN ('public.rest'::regclass, 'public.t'::regclass) AND g.mode IN ('ShareRowExclusiveLock', 'AccessExclusiveLock')) "
             f"FROM pg_locks w WHERE NOT w.granted AND w.relation = '{watched}'::regclass")
    if what == "convert":
        waits = waits.replace("'public.rest'::regclass, ", "")
    with database.connect(autocommit=False) as user:
        cursor = user.cursor()
        cursor.execute("SELECT nextval('public.t_id_seq'), count(*) FROM public.t")
        run = project.start("maintain")
        assert until(lambda: database.execute(waits), 60, "upkeep that waits") == [("AccessExclusiveLock", None)]
        cursor.execute("UPDATE public.parent SET v = v + 1")
        cursor.execute("INSERT INTO public.t VALUES (25, 1)")
        user.commit()
    run.finish(0)
    assert database.execute("SELECT id FROM public.t ORDER BY 1") == [(5,), (15,), (25,), (5000,)]
    assert database.value("SELECT to_regclass('public.old')") is None


def test_to_be_drained_is_not_to_be_deleted(project, database):
    """No trigger takes it for a DELETE, no foreign key cascades."""
    database.execute("""
        CREATE TABLE public.t (id int PRIMARY KEY, v int) PARTITION BY RANGE (id);
        CREATE TABLE public.rest PARTITION OF public.t DEFAULT; INSERT INTO public.t VALUES (5, 1), (15, 2);
        CREATE TABLE public.fired (x text);
        CREATE FUNCTION public.fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.fired VALUES (TG_OP); RETURN NULL; END $$;
        CREATE TRIGGER "each 'one" AFTER DELETE ON public.t FOR EACH ROW EXECUTE FUNCTION public.fire();
        CREATE TRIGGER guard AFTER DELETE ON public.rest FOR EACH STATEMENT EXECUTE FUNCTION public.fire();
        ALTER TABLE public.rest ENABLE ALWAYS TRIGGER guard;
        CREATE TABLE public.child (id int REFERENCES public.t ON DELETE CASCADE) PARTITION BY RANGE (id); CREATE TABLE public.children PARTITION OF public.child DEFAULT;
        INSERT INTO public.child VALUES (5), (15)""")
    states = "SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = 'public.rest'::regclass AND tgconstraint = 0 ORDER BY 1"
    before = database.execute(states)
    configure(project, database, {"partitions": [{"table": "t", "every": 10, "ahead": 1}]})
    said = maintain(project, code=1)
    assert "child_id_fkey of child refers to it" in str(said["error"]).replace("public.", "")
    assert database.value("SELECT count(*) FROM public.child") == 2 and database.value("SELECT count(*) FROM public.rest") == 2
    database.execute("DROP TABLE public.child")
    assert {s["outcome"] for s in maintain(project)["steps"]} == {"done"}
    assert database.execute("SELECT * FROM public.fired") == [] and database.value("SELECT count(*) FROM public.rest") == 0
    assert database.execute(states) == before and database.execute("SELECT * FROM public.t ORDER BY 1") == [(5, 1), (15, 2)]


def test_autovacuum_gives_way(make_server, make_project):
    """It sleeps after each page, and would be at work for a minute; what upkeep waits for is waited for more briefly than autovacuum waits to be told."""
    server = make_server("autovacuum_naptime = 1s\nautovacuum_vacuum_cost_delay = 100ms\nautovacuum_vacuum_cost_limit = 1\nautovacuum = off\n")
    database = server.create_database()
    project = make_project(database.url)
    database.execute("""
        CREATE TABLE public.t (id int PRIMARY KEY, y text) PARTITION BY RANGE (id); CREATE TABLE public.rest PARTITION OF public.t DEFAULT;
        INSERT INTO public.t SELECT i, repeat('x', 400) FROM generate_series(1, 9000) i; DELETE FROM public.t WHERE id % 2 = 0""")
    configure(project, database, {"partitions": [{"table": "t", "every": 10000, "ahead": 1}]})
    until(lambda: database.value("SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'rest'") > 4000, 60, "the counters")
    server.execute("ALTER SYSTEM SET autovacuum = on")
    server.execute("SELECT pg_reload_conf()")
    until(lambda: database.execute("SELECT 1 FROM pg_stat_progress_vacuum WHERE relid = 'public.rest'::regclass"), 60, "autovacuum at work")
    said = maintain(project)
    assert said["steps"] and {s["outcome"] for s in said["steps"]} == {"done"}, said
    assert database.value("SELECT count(*) FROM public.rest") == 0 and database.value("SELECT count(*) FROM public.t") == 4500


def test_killed_while_rows_are_moved(project, database):
    database.execute("""
        CREATE FUNCTION public.holds(int) RETURNS bool LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock_shared(77); RETURN true; END';
        CREATE TABLE public.t (id int PRIMARY KEY CHECK (public.holds(id))) PARTITION BY RANGE (id);
        CREATE TABLE public.rest PARTITION OF public.t DEFAULT; INSERT INTO public.t VALUES (5), (6), (15)""")
    configure(project, database, {"partitions": [{"table": "t", "every": 10, "ahead": 1}]})
    with database.connect(autocommit=True) as other:
        other.cursor().execute("SELECT pg_advisory_lock(77)")
        run = project.start("maintain")
        kill_at_lock(database, run, "locktype = 'advisory' AND objid = 77", "rows that are copied")
        other.cursor().execute("SELECT pg_advisory_unlock(77)")
    until_gone(database)
    assert database.value("SELECT count(*) FROM public.t") == 3
    assert {s["outcome"] for s in maintain(project)["steps"]} <= {"done"}
    assert database.value("SELECT count(*) FROM public.rest") == 0 and database.value("SELECT count(*) FROM public.t") == 3
    assert maintain(project)["steps"] == []


def test_what_is_declared_wrongly_is_told_by_place(project, database):
    database.execute("""
        CREATE TABLE public.plain (x int); CREATE TABLE public.list (x int) PARTITION BY LIST (x);
        CREATE TABLE public.two (x int, y int) PARTITION BY RANGE (x, y); CREATE TABLE public.text (x text) PARTITION BY RANGE (x);
        CREATE TABLE public.expression (x int) PARTITION BY RANGE ((x + 1)); CREATE TABLE public.day (x date) PARTITION BY RANGE (x);
        CREATE TABLE public.number (x int) PARTITION BY RANGE (x)""")
    names = ["plain", "list", "two", "text", "expression", "nowhere", 'public."it', "a.b.c"]
    project.config("environments: {test: {url: %s}}\nmaintain:\n  partitions:\n%s" % (json.dumps(database.url), "".join(
        f"    - {{table: {json.dumps(n)}, every: month}}\n" for n in names) +
        "    - {table: number, every: month}\n    - {table: day, every: 10}\n    - {table: public.day, every: hour}\n"))
    said = maintain(project, code=1)
    assert said["failed"] == 11 and "godwit.yaml:4:8" in said["error"]["where"]
    details = [s["detail"] for s in said["steps"]]
    for i, what in enumerate(["is a plain table", "not partitioned by ranges", "more than one column", "which is text", "or by an expression",
                              "there is no table nowhere", "", "there is no table a.b.c", "which is integer", "which is date", "which is date"]):
        assert what in details[i], details[i]


def test_what_upkeep_made_is_no_drift(project, database):
    project.migration(1, "first", """CREATE TABLE public."it's mine" (id bigint PRIMARY KEY, v int) PARTITION BY RANGE (id);
        CREATE TABLE public.low PARTITION OF public."it's mine" FOR VALUES FROM (MINVALUE) TO (0);
        CREATE TABLE public.plain (id bigint PRIMARY KEY); CREATE INDEX by_v ON public."it's mine" (v);""")
    rules = [{"table": "\"it's mine\"", "every": 10, "ahead": 2, "keep": 1, "archive": False}, {"table": "public.plain", "every": 10, "ahead": 1, "convert": {"by": "id"}},
             {"table": 'public."nobody reads it', "every": 10, "ahead": 1}]
    configure(project, database, {"partitions": rules[:2]})
    project.godwit("up", code=0)
    database.execute("INSERT INTO public.plain VALUES (1)")
    assert {s["outcome"] for s in maintain(project)["steps"]} == {"done"}
    project.migration(2, "second", "DROP TABLE public.plain; CREATE TABLE public.plain (id bigint PRIMARY KEY) PARTITION BY RANGE (id)")
    database.execute("DROP TABLE public.plain_before")
    project.godwit("baseline", "2", code=0)
    # Detached and not dropped yet; a rule that cannot be read keeps nobody from the others.
    database.execute("""ALTER TABLE public."it's mine" DETACH PARTITION public."it's mine_n0";
                        COMMENT ON TABLE public."it's mine_n0" IS '[godwit: detached from "public"."it''s mine"]'""")
    configure(project, database, {"partitions": rules})
    said = project.godwit("verify", code=0)
    assert "not compared: 6 partitions that upkeep has made or detached" in said.err
    # What somebody made by hand is drift, and so is what no rule speaks of.
    database.execute("""CREATE TABLE public."by hand" PARTITION OF public."it's mine" FOR VALUES FROM (900) TO (910)""")
    configure(project, database, {"partitions": rules[:1]})
    said = project.godwit("verify", code=3).out
    assert "by hand" in said and "plain_n0" in said and "mine_n10" not in said


# ---- what is over --------------------------------------------------------------------------------------------------

OLD = """
CREATE TABLE public.parent (id int PRIMARY KEY); INSERT INTO public.parent VALUES (1);
CREATE TYPE public.mood AS ENUM ('sad', 'it''s fine');
CREATE TABLE public."t ""1" (at timestamptz NOT NULL, p int REFERENCES public.parent, m public.mood, line text, b bytea DEFAULT '\\x0102ff',
  f float8 DEFAULT 0.1, i interval DEFAULT '1 month 2 hours', g text GENERATED ALWAYS AS (lower(line)) STORED) PARTITION BY RANGE (at);
CREATE TABLE public."old 'one" PARTITION OF public."t ""1" FOR VALUES FROM ('2001-01-01 00:00+00') TO ('2001-02-01 00:00+00');
CREATE TABLE public.old_two PARTITION OF public."t ""1" FOR VALUES FROM ('2001-02-01 00:00+00') TO ('2001-03-01 00:00+00');
COMMENT ON TABLE public."old 'one" IS 'somebody''s words';
INSERT INTO public."t ""1" SELECT '2001-01-05', 1, 'it''s fine', E'tab\\tback\\\\slash\\nnew ü ' || i FROM generate_series(1, 3000) i;
INSERT INTO public."t ""1" VALUES ('2001-02-05', NULL, NULL, NULL), ('2001-02-05', 1, 'sad', '\\.'), ('2001-02-05', 1, 'sad', 'COPY x FROM stdin;');
"""
RULE = {"table": 'public."t ""1"', "every": "month", "ahead": 1, "keep": "12 months"}
DEFAULT = 'CREATE TABLE public.rest PARTITION OF public."t ""1" DEFAULT'


@pytest.fixture
def archiving(server):
    if server.major > system.PG_DUMP_MAJOR:
        pytest.skip("pg_dump here is older than the server")


def archives(project, secret=None):
    """{tables: COPY data} of the files in archive/, read by the other reader."""
    return {r.manifest["tables"][0]["name"]: r for r in (gwb.read(p, secret) for p in sorted((project / "archive").glob("*.gwb")))}


@pytest.mark.parametrize("default, secret", [("", {}), (DEFAULT, {"GODWIT_PASSPHRASE": "horse"})], ids=["alone-open", "default-encrypted"])
def test_what_is_over_is_archived_and_dropped(archiving, project, database, default, secret):
    database.execute(OLD + default)
    if default:  # rows look otherwise, and are the same in the file and in the table
        for setting in ("TimeZone = 'Asia/Tokyo'", "DateStyle = 'German'", "IntervalStyle = 'iso_8601'", "bytea_output = 'escape'",
                        "extra_float_digits = -5"):
            database.execute(f"ALTER DATABASE \"{database.name}\" SET {setting}")
    configure(project, database, {"partitions": [RULE]})
    would = maintain(project, "--dry-run", env=secret)
    assert [w for w in whats(would) if "detach" in w] == ["detach old 'one, which ended at 2001-02-01T00:00:00Z",
                                                          "detach old_two, which ended at 2001-03-01T00:00:00Z"]
    said = maintain(project, env=secret)
    assert {s["outcome"] for s in said["steps"]} == {"done"}, said
    assert database.execute("SELECT relname FROM pg_class WHERE relname LIKE 'old%%'") == []
    assert database.value('SELECT count(*) FROM public."t ""1"') == 0
    kept = archives(project, secret.get("GODWIT_PASSPHRASE"))
    assert {n: r.manifest["tables"][0]["rows"] for n, r in kept.items()} == {"old 'one": 3000, "old_two": 3}
    shown = project.godwit("backups", "extract", str(next((project / "archive").glob("*.gwb"))), "-o", "x.dump", code=0, env=secret)
    assert "pg_restore" in shown.out
    assert maintain(project, env=secret)["steps"] == []
    # Not among the backups, so that no rule of theirs removes it.
    assert project.godwit("backups", "list", "--json", code=0).json["backups"] == []


def test_without_pg_dump_it_stays_where_it_is(project, database, server):
    if server.major <= system.PG_DUMP_MAJOR:
        pytest.skip("about servers that are newer than pg_dump here")
    database.execute(OLD)
    configure(project, database, {"partitions": [RULE]})
    said = maintain(project, code=1)
    assert "pg_dump" in said["error"]["message"] + str(said["error"].get("detail"))
    assert len([n for n in ranges(database, 'public."t ""1"') if n.startswith("old")]) == 2
    configure(project, database, {"partitions": [{**RULE, "archive": False}]})
    maintain(project)
    assert len([n for n in ranges(database, 'public."t ""1"') if n.startswith("old")]) == 0


def test_what_others_need_is_not_dropped(archiving, project, database):
    database.execute(OLD + "CREATE VIEW public.needs AS SELECT * FROM public.old_two")
    configure(project, database, {"partitions": [RULE]})
    said = maintain(project, code=1)
    assert "depend" in said["error"]["message"] + said["error"]["detail"]
    assert database.value("SELECT count(*) FROM public.old_two") == 3
    # It is archived once, not each time.
    said = maintain(project, code=1)
    assert whats(said) == ["drop old_two"] and len(list((project / "archive").glob("*.gwb"))) == 2
    # Somebody writes to it all the same: what is in the file is not all of it any more.
    database.execute("INSERT INTO public.old_two VALUES ('2001-02-06')")
    assert "has 4 rows" in maintain(project, code=1)["error"]["message"]
    # As many rows, and one of them is another: also where the archive is of an earlier run, or not to be read any more.
    maintain(project, code=1)
    database.execute("UPDATE public.old_two SET line = 'other' WHERE m = 'sad' AND line = '\\.'; DROP VIEW public.needs")
    said = maintain(project, code=1)
    assert whats(said) == ["drop old_two"] and "are not what they are in its archive" in said["error"]["message"]
    database.execute("CREATE VIEW public.needs AS SELECT * FROM public.old_two")
    newest = pathlib.Path(next(s for s in maintain(project, code=1)["steps"] if s["what"] == "archive old_two")["detail"].split()[-3].rstrip(","))
    whole = newest.read_bytes()
    newest.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
    database.execute("DROP VIEW public.needs")
    assert "damaged" in maintain(project, code=1)["error"]["message"]
    assert database.value("SELECT count(*) FROM public.old_two") == 4
    newest.unlink()
    assert whats(maintain(project)) == ["archive old_two", "drop old_two"]
    assert database.value("SELECT to_regclass('public.old_two')") is None
    assert max(r.manifest["tables"][0]["rows"] for r in archives(project).values()) == 3000


def test_what_could_not_be_proven_stays_in_the_table(archiving, project, database, make_project, tmp_path):
    """Whoever has the public half alone makes archives that nobody here can open."""
    (tmp_path / "master").write_bytes(b"a master key of more than thirty-two bytes")
    master = {"GODWIT_MASTER_KEY_FILE": str(tmp_path / "master")}
    database.execute(OLD)
    owner = make_project(database.url)
    key = owner.godwit("--json", "keys", "generate", "--type", "x25519", env=master, code=0).json["id"]
    owner.godwit("keys", "export", key, "--public", "-o", str(tmp_path / "public.json"), code=0)
    project.godwit("keys", "import", str(tmp_path / "public.json"), code=0)
    configure(project, database, {"partitions": [RULE]})
    said = maintain(project, code=1)
    assert "could not be opened here" in said["error"]["message"] and not (project / "archive").exists()
    assert {"old 'one", "old_two"} < set(ranges(database, 'public."t ""1"'))
    assert {s["outcome"] for s in maintain(project, env={"GODWIT_PASSPHRASE": "horse"})["steps"]} == {"done"}


def test_a_killed_run_is_finished_by_the_next(archiving, project, database, server):
    database.execute(OLD)
    configure(project, database, {"partitions": [RULE], "lock_timeout": "60s"})
    with database.connect(autocommit=False) as reader:
        reader.cursor().execute("SELECT count(*) FROM public.\"t \"\"1\"")
        run = project.start("maintain")
        until(lambda: database.execute("SELECT 1 FROM pg_stat_activity WHERE query ~ 'DETACH PARTITION|LOCK TABLE' AND wait_event_type = 'Lock' "
                                       "AND datname = current_database() AND pid <> pg_backend_pid()"), what="the DETACH")
        run.process.kill()
        run.process.wait(60)
        database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query ~ 'DETACH PARTITION|LOCK TABLE' "
                         "AND pid <> pg_backend_pid()")
        reader.rollback()
    until_gone(database)
    if server.major >= 14:
        assert database.value("SELECT count(*) FROM pg_inherits WHERE inhdetachpending") == 1
    maintain(project)
    assert database.execute("SELECT relname FROM pg_class WHERE relname LIKE 'old%%'") == []
    assert set(archives(project)) == {"old 'one", "old_two"}


@pytest.mark.parametrize("at", ["detached", "archived"])
def test_each_step_is_taken_up_again(archiving, project, database, at):
    """What a kill between two steps leaves, made by hand."""
    database.execute(OLD)
    configure(project, database, {"partitions": [RULE]})
    mark = '[godwit: detached from "public"."t ""1"'
    path = ""
    if at == "archived":
        path = project.godwit("backup", "--tables", "public.old_two", "--json", code=0).json["path"]
    database.execute("ALTER TABLE public.\"t \"\"1\" DETACH PARTITION public.old_two; COMMENT ON TABLE public.old_two IS 'mine %s'"
                     % (f"{mark}, archived in {path}]" if path else f"{mark}]"))
    said = [w for w in whats(maintain(project)) if "old_two" in w]
    assert said == (["drop old_two"] if path else ["archive old_two", "drop old_two"])


def test_keep_counts_partitions_of_numbers(archiving, project, database):
    database.execute("CREATE TABLE public.t (id bigint) PARTITION BY RANGE (id); CREATE TABLE public.rest PARTITION OF public.t DEFAULT; "
                     "INSERT INTO public.t SELECT generate_series(1, 4500)")
    configure(project, database, {"partitions": [{"table": "public.t", "every": 1000, "keep": 2}]})
    maintain(project)
    assert sorted(ranges(database, "public.t")) == ["rest", "t_n2000", "t_n3000", "t_n4000", "t_n5000", "t_n6000", "t_n7000"]
    assert database.value("SELECT min(id) FROM public.t") == 2000
    assert pathlib.Path(project / "archive").exists()
