"""A plain table becomes a partitioned one while people write to it: nothing is lost, what cannot be carried is named."""
import random
import threading

import pytest

from harness.waiting import until
from test_maintain import configure, maintain
from test_maintain_partitions import ranges, whats

MAKE = """
CREATE SCHEMA "a ""b"; GRANT USAGE ON SCHEMA "a ""b" TO %(reader)s;
CREATE TABLE public.parent (id int PRIMARY KEY); INSERT INTO public.parent SELECT generate_series(0, 9);
CREATE TABLE public.audit (n bigint);
CREATE TABLE "a ""b"."t 'x" (id bigint GENERATED ALWAYS AS IDENTITY, "at it" timestamptz NOT NULL DEFAULT now(), p int REFERENCES public.parent,
    s serial, v text DEFAULT 'it''s', n int CHECK (n >= 0), g int GENERATED ALWAYS AS (n * 2) STORED, gone int, PRIMARY KEY (id));
ALTER TABLE "a ""b"."t 'x" DROP gone;
CREATE INDEX "by 'v" ON "a ""b"."t 'x" (v, lower(v)) WHERE n > 5;
CREATE UNIQUE INDEX "both" ON "a ""b"."t 'x" (s, "at it");
COMMENT ON TABLE "a ""b"."t 'x" IS 'it''s mine'; COMMENT ON COLUMN "a ""b"."t 'x".v IS 'a column'; COMMENT ON INDEX "a ""b"."by 'v" IS 'an index';
GRANT SELECT, INSERT ON "a ""b"."t 'x" TO %(reader)s WITH GRANT OPTION;
CREATE FUNCTION public.count_it() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.audit VALUES (1); RETURN NULL; END';
INSERT INTO "a ""b"."t 'x" ("at it", p, n) SELECT now() - make_interval(days => i %% 100), i %% 10, i %% 50 FROM generate_series(1, 9000) i;
CREATE TRIGGER "count 'it" AFTER INSERT ON "a ""b"."t 'x" FOR EACH ROW EXECUTE FUNCTION public.count_it();
"""
TABLE = '"a ""b"."t \'x"'
RULE = {"table": TABLE, "every": "month", "ahead": 1, "convert": {"by": "at it", "key": ["id", "at it"]}}


@pytest.fixture
def reader(database):
    return '"%s"' % database.role(options="NOLOGIN")


def make(database, reader):
    database.execute(MAKE % {"reader": reader})


def writers(database, stop, failures):
    """Threads that insert, update (the key of partitions, too) and delete until they are told to stop; what they committed."""
    def work(seed):
        chance = random.Random(seed)
        connection = database.connect(autocommit=True)
        cursor = connection.cursor()
        while not stop.is_set():
            try:
                kind = chance.randrange(4)
                cursor.execute("BEGIN")
                if chance.randrange(2):  # has read all of its partitions before
                    cursor.execute(f"SELECT FROM {TABLE} LIMIT 1")
                pick = f"(SELECT id FROM {TABLE} WHERE mod(id, 4) = {seed} OFFSET {chance.randrange(2000)} LIMIT 1)"
                if kind == 0:
                    cursor.execute(f"INSERT INTO {TABLE} (\"at it\", p, n) VALUES (now() - make_interval(days => %s), 1, 7)", [chance.randrange(99)])
                elif kind == 1:
                    cursor.execute(f"UPDATE {TABLE} SET n = n + 1, v = %s WHERE id = {pick}", [str(chance.random())])
                elif kind == 2:
                    cursor.execute(f"UPDATE {TABLE} SET \"at it\" = \"at it\" - interval '40 days' WHERE id = {pick}")
                else:
                    cursor.execute(f"DELETE FROM {TABLE} WHERE id = {pick}")
                cursor.execute("INSERT INTO public.journal VALUES (%s)", [seed])
                cursor.execute("COMMIT")
            except Exception as error:  # pylint: disable=broad-except
                failures.append(error)
                return
        connection.close()
    threads = [threading.Thread(target=work, args=[seed]) for seed in range(2)]
    for thread in threads:
        thread.start()
    return threads


def test_a_table_is_turned_while_it_is_written_to(project, database, reader):
    make(database, reader)
    database.execute("CREATE TABLE public.journal (x int)")
    configure(project, database, {"partitions": [RULE], "lock_timeout": "5s"})
    would = maintain(project, "--dry-run")
    assert len(would["steps"]) == 3 and database.value(f"SELECT count(*) FROM {TABLE}") == 9000
    # Every change of the plain table is written down by its own trigger, so that both can be compared at the end.
    database.execute(f"""
        CREATE TABLE public.truth (LIKE {TABLE}); INSERT INTO public.truth SELECT * FROM {TABLE}; CREATE INDEX ON public.truth (id);
        CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF TG_OP <> 'INSERT' THEN DELETE FROM public.truth WHERE id = OLD.id; END IF;
            IF TG_OP <> 'DELETE' THEN INSERT INTO public.truth VALUES (NEW.*); END IF; RETURN NULL; END $$;
        CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION public.note()""")
    stop, failures = threading.Event(), []
    threads = writers(database, stop, failures)
    try:
        until(lambda: database.value("SELECT count(*) FROM public.journal") > 20, what="writers")
        said = maintain(project)
        before = database.value("SELECT count(*) FROM public.journal")
        until(lambda: failures or database.value("SELECT count(*) FROM public.journal") > before + 20, what="writers afterwards")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failures and {s["outcome"] for s in said["steps"]} == {"done"}, (failures, said)
    assert database.value(f"SELECT relkind FROM pg_class WHERE oid = '{TABLE.replace(chr(39), chr(39) * 2)}'::regclass") == "p"
    columns = 'id, "at it", p, s, v, n, g'
    wrong = [database.execute(f"SELECT {columns} FROM {a} EXCEPT ALL SELECT {columns} FROM {b}")
             for a, b in ((TABLE, "public.truth"), ("public.truth", TABLE))]
    assert wrong == [[], []]
    # Rows of before the first partition have gone to the DEFAULT one meanwhile: they are moved, and no trigger sees it.
    assert {s["outcome"] for s in maintain(project)["steps"]} <= {"done"}
    assert database.value(f"SELECT count(*) FROM {TABLE}") == database.value("SELECT count(*) FROM public.truth")


def test_what_the_table_had_it_has(project, database, reader):
    make(database, reader)
    name = TABLE.replace("'", "''")
    facts = f"""SELECT (SELECT array_agg(i::text ORDER BY i::text) FROM pg_indexes i WHERE false),
        (SELECT array_agg(indexrelid::regclass::text || obj_description(indexrelid, 'pg_class') ORDER BY 1) FROM pg_index WHERE indrelid = '{name}'::regclass),
        obj_description('{name}'::regclass, 'pg_class'), col_description('{name}'::regclass, (SELECT attnum FROM pg_attribute WHERE attrelid = '{name}'::regclass AND attname = 'v')),
        (SELECT array_agg(conname::text || contype::text || pg_get_constraintdef(oid) ORDER BY conname) FROM pg_constraint WHERE conrelid = '{name}'::regclass AND contype IN ('c', 'f')),
        (SELECT array_agg(x::text ORDER BY x::text) FROM pg_class, aclexplode(relacl) x WHERE pg_class.oid = '{name}'::regclass),
        (SELECT array_agg(tgname ORDER BY tgname) FROM pg_trigger WHERE tgrelid = '{name}'::regclass AND NOT tgisinternal),
        (SELECT relowner FROM pg_class WHERE oid = '{name}'::regclass),
        (SELECT array_agg(attname::text || format_type(atttypid, atttypmod) || attnotnull::text || attidentity::text ORDER BY attnum) FROM pg_attribute
         WHERE attrelid = '{name}'::regclass AND attnum > 0 AND NOT attisdropped)"""
    before = database.execute(facts)[0]
    rows = database.execute(f"SELECT id, \"at it\", p, s, v, n, g FROM {TABLE} ORDER BY id")
    configure(project, database, {"partitions": [RULE]})
    said = maintain(project)
    assert {s["outcome"] for s in said["steps"]} == {"done"} and 'drop it when you are content' in said["steps"][2]["detail"]
    assert database.execute(facts)[0] == before
    assert database.execute(f"SELECT id, \"at it\", p, s, v, n, g FROM {TABLE} ORDER BY id") == rows
    assert database.value("SELECT count(*) FROM public.audit") == 0
    # Sequences go on, checks and keys hold, the old one can go.
    database.execute(f"INSERT INTO {TABLE} (p, n) VALUES (1, 1)")
    assert database.execute(f"SELECT id, s, g FROM {TABLE} ORDER BY id DESC LIMIT 1") == [(9001, 9001, 2)]
    assert database.value("SELECT count(*) FROM public.audit") == 1
    for bad in ("(99, 1)", "(1, -1)"):
        with pytest.raises(Exception):
            database.execute(f"INSERT INTO {TABLE} (p, n) VALUES {bad}")
    database.execute('DROP TABLE "a ""b"."t \'x_before"')
    database.execute(f"INSERT INTO {TABLE} (p, n) VALUES (2, 2)")
    assert ranges(database, TABLE)["t 'x_default"] == "DEFAULT" and maintain(project)["steps"] == []


def test_what_cannot_be_carried_is_named(project, database, reader):
    make(database, reader)
    database.execute(f"""
        CREATE VIEW public.sees AS SELECT * FROM {TABLE}; ALTER TABLE {TABLE} ADD CONSTRAINT "one 's" UNIQUE (s);
        CREATE TABLE public.refers (x bigint REFERENCES {TABLE}); ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY;
        CREATE POLICY mine ON {TABLE}; ALTER TABLE {TABLE} SET (fillfactor = 50); CREATE PUBLICATION "p 1" FOR TABLE {TABLE};
        GRANT UPDATE (v) ON {TABLE} TO {reader}; CREATE STATISTICS public."st 1" ON v, n FROM {TABLE};
        ALTER TABLE {TABLE} DISABLE TRIGGER "count 'it";""")
    configure(project, database, {"partitions": [{**RULE, "convert": {"by": "at it"}}]})
    said = maintain(project, code=1)
    assert len(said["steps"]) == 1 and said["error"]["where"].startswith("godwit.yaml:")
    for what in ("rule", 'constraint "one \'s"', "public.refers", "row-level security", "fillfactor=50", '"p 1"', "column v has", '"st 1"',
                 "the trigger \"count 'it\"", 'its primary key is without "at it"'):
        assert what in said["steps"][0]["detail"], (what, said["steps"][0]["detail"])
    assert database.value("SELECT count(*) FROM pg_class WHERE relname LIKE '%%godwit_new%%'") == 0


def test_killed_while_it_copies_the_next_goes_on(project, database, reader):
    make(database, reader)
    configure(project, database, {"partitions": [RULE]})
    with database.connect(autocommit=False) as other:
        # One row far behind that somebody is changing keeps the copy from its end.
        other.cursor().execute(f"SELECT FROM {TABLE} WHERE id = 8000 FOR UPDATE")
        run = project.start("maintain")
        until(lambda: database.value("SELECT obj_description(c.oid, 'pg_class') FROM pg_class c WHERE relname = 't ''x_godwit_new'") == "{6000}"
              if database.value("SELECT count(*) FROM pg_class WHERE relname = 't ''x_godwit_new'") else False, 60, "6000 rows copied")
        run.process.kill()
        run.process.wait(60)
        database.execute(f"INSERT INTO {TABLE} (p, n, v) VALUES (3, 3, 'meanwhile')")
        database.execute(f"DELETE FROM {TABLE} WHERE id IN (5, 7000)")
        other.cursor().execute(f"UPDATE {TABLE} SET v = 'changed' WHERE id = 8000")
        other.commit()
    until(lambda: not database.execute("SELECT 1 FROM pg_stat_activity WHERE application_name ~ 'godwit' AND datname = current_database()"),
          what="the end of its sessions")
    said = maintain(project)
    assert whats(said)[0] == "copy its rows in batches" and said["steps"][0]["detail"] == "2998 rows copied"  # one came by its change
    assert database.value(f"SELECT count(*) FROM {TABLE}") == 8999
    assert database.execute(f"SELECT v FROM {TABLE} WHERE id IN (8000, 9001) ORDER BY id") == [("changed",), ("meanwhile",)]
    assert database.value(f"SELECT count(*) FROM {TABLE} WHERE id IN (5, 7000)") == 0


@pytest.mark.parametrize("at", ["prepare", "swap"])
def test_killed_while_it_waits_for_a_lock(project, database, at):
    database.execute("CREATE TABLE public.t (id int PRIMARY KEY, v int); INSERT INTO public.t SELECT i, i FROM generate_series(1, 4500) i")
    configure(project, database, {"partitions": [{"table": "t", "every": 1000, "ahead": 1, "convert": {"by": "id"}}]})
    with database.connect(autocommit=False) as other:
        # A writer holds up the trigger, a reader only the exchange of names.
        other.cursor().execute("INSERT INTO public.t VALUES (-1, -1)" if at == "prepare" else "SELECT FROM public.t LIMIT 1")
        run = project.start("maintain")
        until(lambda: database.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'public.t'::regclass"), 60, "upkeep that waits")
        run.process.kill()
        run.process.wait(60)
        other.rollback()
    until(lambda: not database.execute("SELECT 1 FROM pg_stat_activity WHERE application_name ~ 'godwit' AND datname = current_database()"),
          what="the end of its sessions")
    assert database.value("SELECT relkind FROM pg_class WHERE oid = 'public.t'::regclass") == "r"
    assert (database.value("SELECT to_regclass('public.t_godwit_new')") is None) == (at == "prepare")
    database.execute("UPDATE public.t SET v = -v WHERE id = 7; DELETE FROM public.t WHERE id = 8")
    said = maintain(project)
    assert [s["detail"] for s in said["steps"] if "copy" in s["what"]] == [f"{4499 if at == 'prepare' else 0} rows copied"]
    assert database.execute("SELECT count(*), sum(v) FROM public.t") == [(4499, sum(range(1, 4501)) - 8 - 14)]
    assert database.value("SELECT relkind FROM pg_class WHERE oid = 'public.t'::regclass") == "p"
    assert database.execute("SELECT proname FROM pg_proc WHERE proname ~ 'godwit_capture'") == []
    assert maintain(project)["steps"] == []
