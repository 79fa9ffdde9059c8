"""A plain table becomes a partitioned one while people write to it: nothing is lost, what cannot be carried is named."""
import random
import threading

import pytest

from harness.blocking import kill_at_lock, until_gone
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


def test_what_cannot_be_carried_is_named(project, database, server, reader):
    make(database, reader)
    database.execute(f"""
        CREATE MATERIALIZED VIEW public.kept AS SELECT * FROM {TABLE}; ALTER TABLE {TABLE} ADD CONSTRAINT "one 's" UNIQUE (s);
        CREATE VIEW public."only 'it" AS SELECT v FROM ONLY {TABLE}; CREATE VIEW public.groups AS SELECT id, v FROM {TABLE} GROUP BY id;
        CREATE VIEW public.theirs AS SELECT v FROM {TABLE}; ALTER VIEW public.theirs OWNER TO {reader};
        CREATE TABLE public.refers (x bigint REFERENCES {TABLE}); ALTER TABLE {TABLE} ADD up bigint REFERENCES {TABLE};
        CREATE TABLE public.guarded (x int); CREATE POLICY asks ON public.guarded USING (EXISTS (SELECT FROM {TABLE}));
        CREATE FUNCTION public.many({TABLE}[]) RETURNS int LANGUAGE sql AS 'SELECT 1';
        ALTER TABLE {TABLE} SET (fillfactor = 50); CREATE PUBLICATION "p 1" FOR TABLE {TABLE}; CREATE PUBLICATION "all 's" FOR ALL TABLES;
        GRANT UPDATE (v) ON {TABLE} TO {reader}; CREATE STATISTICS public."st 1" ON v, n FROM {TABLE};
        ALTER TABLE {TABLE} DISABLE TRIGGER "count 'it";""")
    configure(project, database, {"partitions": [RULE]})
    said = maintain(project, code=1)
    assert len(said["steps"]) == 1 and said["error"]["where"].startswith("godwit.yaml:")
    for what in ("rule _RETURN on materialized view kept", 'constraint "one \'s"', 'of refers refers to it by columns that are no key of a table partitioned by "at it"',
                 "refers to it itself", "view groups groups by its primary key", "view \"only 'it\" reads ONLY it", "fillfactor=50", "policy asks on table guarded",
                 'publication "p 1" would name its partitions to subscribers' + (":" if server.major >= 13 else ""), "publication \"all 's\" takes every table", "function many(", "column v has",
                 '"st 1"', "the trigger \"count 'it\""):
        assert what in said["steps"][0]["detail"].replace("public.", ""), (what, said["steps"][0]["detail"])
    assert "theirs" not in said["steps"][0]["detail"]
    assert database.value("SELECT count(*) FROM pg_class WHERE relname LIKE '%%godwit_new%%'") == 0
    configure(project, database, {"partitions": [{**RULE, "convert": {"by": "at it"}}]})
    assert 'its primary key is without "at it"' in maintain(project, code=1)["steps"][0]["detail"]


def test_an_owner_who_may_do_less_is_told(project, database, reader):
    """Another's view, publication and referring table cannot be moved; rows that row security hides could not be copied."""
    owner = database.role()
    database.execute(f"""
        GRANT CREATE ON SCHEMA public TO "{owner}"; GRANT USAGE, CREATE ON SCHEMA public TO {reader}; GRANT CREATE ON DATABASE "{database.name}" TO "{owner}";
        CREATE TABLE public.t (id int PRIMARY KEY, who name); INSERT INTO public.t VALUES (1, 'a'), (2, 'b');
        ALTER TABLE public.t OWNER TO "{owner}"; GRANT ALL ON public.t TO {reader};
        CREATE VIEW public.theirs AS SELECT * FROM public.t; ALTER VIEW public.theirs OWNER TO {reader};
        CREATE TABLE public.child (x int CONSTRAINT up REFERENCES public.t); ALTER TABLE public.child OWNER TO {reader};
        CREATE POLICY mine ON public.t USING (who = current_user); ALTER TABLE public.t ENABLE ROW LEVEL SECURITY; ALTER TABLE public.t FORCE ROW LEVEL SECURITY""")
    configure(project, database, {"partitions": [{"table": "public.t", "every": 1000, "ahead": 1, "convert": {"by": "id"}}]})
    said = maintain(project, "--url", database.url_for(owner), code=1)["steps"][0]["detail"]
    for what in ("row-level security holds for", "view public.theirs belongs to", "constraint up of public.child refers to it, and that belongs to"):
        assert what in said, (what, said)
    database.execute('DROP VIEW public.theirs; DROP TABLE public.child; ALTER TABLE public.t NO FORCE ROW LEVEL SECURITY')
    assert {s["outcome"] for s in maintain(project, "--url", database.url_for(owner))["steps"]} == {"done"}
    assert database.execute("SELECT id, who FROM public.t ORDER BY 1") == [(1, "a"), (2, "b")]


OTHERS = """
CREATE TABLE public.t (id int, at int, who name DEFAULT current_user, v text, PRIMARY KEY (id, at), UNIQUE (v, at));
INSERT INTO public.t SELECT i, i %% 5000, CASE WHEN i %% 2 = 0 THEN %(reader)s ELSE 'other' END, i FROM generate_series(1, 4500) i;
CREATE SCHEMA "s 'x"; GRANT USAGE ON SCHEMA public, "s 'x" TO "%(name)s"; GRANT SELECT, INSERT ON public.t TO "%(name)s";
CREATE VIEW "s 'x"."v ""1" WITH (security_barrier = true, check_option = cascaded) AS SELECT x.id, at AS "at 'it", x.v FROM public.t AS x WHERE at > 10;
COMMENT ON VIEW "s 'x"."v ""1" IS 'it''s a view'; COMMENT ON COLUMN "s 'x"."v ""1".v IS 'a column'; GRANT SELECT (id) ON "s 'x"."v ""1" TO "%(name)s";
ALTER VIEW "s 'x"."v ""1" ALTER v SET DEFAULT 'dv';
CREATE VIEW public.on_view AS SELECT max(id) AS most, count(t) AS rows FROM "s 'x"."v ""1", LATERAL (SELECT t FROM public.t WHERE t.id = "v ""1".id) AS y;
CREATE VIEW public.groups AS SELECT id, at, who FROM public.t GROUP BY id, at;
ALTER TABLE public.t ENABLE ROW LEVEL SECURITY; ALTER TABLE public.t FORCE ROW LEVEL SECURITY;
CREATE POLICY "mine 'x" ON public.t FOR SELECT TO "%(name)s", postgres USING (who = current_user AND EXISTS (SELECT FROM public.allowed AS a WHERE a.x = t.at %% 2));
COMMENT ON POLICY "mine 'x" ON public.t IS 'it''s mine';
CREATE POLICY adds ON public.t AS PERMISSIVE FOR INSERT WITH CHECK (at < 9000); CREATE POLICY less ON public.t AS RESTRICTIVE USING (id <> 100);
CREATE TABLE public.child (id int, at int, a2 int, v text, CONSTRAINT "up 'x" FOREIGN KEY (id, at) REFERENCES public.t ON DELETE CASCADE DEFERRABLE,
    CONSTRAINT "by v" FOREIGN KEY (a2, v) REFERENCES public.t (at, v) ON UPDATE CASCADE);
COMMENT ON CONSTRAINT "up 'x" ON public.child IS 'it''s up'; INSERT INTO public.child VALUES (7, 7, 8, '8'), (9, 9, NULL, NULL);
"""
FACTS = """SELECT
    ARRAY(SELECT w.oid::regclass::text || pg_get_viewdef(w.oid) || coalesce(reloptions::text, '') || coalesce(relacl::text, '') || coalesce(obj_description(w.oid, 'pg_class'), '')
          FROM pg_class w WHERE relkind = 'v' AND relnamespace::regnamespace::text !~ '^(pg_|information)' ORDER BY 1),
    ARRAY(SELECT x::text FROM pg_policies x ORDER BY 1), ARRAY(SELECT obj_description(oid, 'pg_policy') FROM pg_policy ORDER BY 1),
    (SELECT array[relrowsecurity, relforcerowsecurity] FROM pg_class WHERE oid = 'public.t'::regclass),
    ARRAY(SELECT conname || pg_get_constraintdef(oid) || convalidated || coalesce(obj_description(oid, 'pg_constraint'), '') FROM pg_constraint
          WHERE conrelid = 'public.child'::regclass AND conparentid = 0 ORDER BY 1),
    ARRAY(SELECT pubname || tablename FROM pg_publication_tables ORDER BY 1),
    ARRAY(SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = '"s ''x"."v ""1"'::regclass)"""


def make_others(project, database, server):
    name = database.role()
    database.execute("CREATE TABLE public.allowed (x int); INSERT INTO public.allowed VALUES (0); GRANT SELECT ON public.allowed TO public")
    database.execute(OTHERS % {"name": name, "reader": f"'{name}'"})
    if server.major >= 13:
        database.execute('CREATE PUBLICATION "p \'1" FOR TABLE public.t, public.allowed WITH (publish_via_partition_root = true)')
    configure(project, database, {"partitions": [{"table": "t", "every": 1000, "ahead": 1, "convert": {"by": "at"}}]})
    return name


def test_views_policies_publications_and_keys_move_with_it(project, database, server):
    name = make_others(project, database, server)
    before = database.execute(FACTS)[0]
    said = maintain(project)
    assert {s["outcome"] for s in said["steps"]} == {"done"}, said
    assert {"validate the foreign key \"up 'x\" of child", 'validate the foreign key "by v" of child'} <= {w.replace("public.", "") for w in whats(said)}
    after = database.execute(FACTS)[0]
    # The plain one keeps its own policies, behind the name that it has now.
    policies = [p for p in after[1] if "t_before" not in p]
    assert policies == before[1] and [d for d in after[2] if d] == [d for d in before[2] if d] * 2
    assert after[0] == before[0] and after[3:] == before[3:]
    assert database.execute("SELECT DISTINCT refobjid::regclass::text FROM pg_depend WHERE classid = 'pg_rewrite'::regclass AND refobjid IN ('public.t'::regclass, 'public.t_before'::regclass)") == [("t",)]
    # All of it is at work, on the new one.
    assert database.value("SELECT relkind FROM pg_class WHERE oid = 'public.t'::regclass") == "p"
    database.execute("INSERT INTO public.t VALUES (9999, 4999, 'x', 'new')")
    assert database.value('SELECT v FROM "s \'x"."v ""1" WHERE id = 9999') == "new"
    database.execute("DELETE FROM public.t WHERE (id, at) = (7, 7); UPDATE public.t SET v = 'eight' WHERE id = 8")
    assert database.execute("SELECT id, v FROM public.child ORDER BY id") == [(9, None)]
    for bad in ("(1, 9999, NULL, NULL)", "(NULL, NULL, 1, 'no')"):
        with pytest.raises(Exception):
            database.execute(f"INSERT INTO public.child VALUES {bad}")
    with database.connect(name, autocommit=True) as other:
        cursor = other.cursor()
        cursor.execute("SELECT count(*), bool_and(at % 2 = 0 AND who = current_user) FROM public.t")
        assert cursor.fetchone() == (2249, True)
        with pytest.raises(Exception):
            cursor.execute("INSERT INTO public.t VALUES (1, 9001)")
    database.execute("DROP TABLE public.t_before")
    assert maintain(project)["steps"] == []


def test_killed_before_the_keys_are_read_the_next_reads_them(project, database, server):
    make_others(project, database, server)
    database.execute("""
        CREATE FUNCTION public.stop() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
            IF current_query() ~ '^ALTER TABLE [^ ]+ VALIDATE' THEN PERFORM pg_advisory_xact_lock_shared(78); END IF; END $$;
        CREATE EVENT TRIGGER stop ON ddl_command_start EXECUTE FUNCTION public.stop()""")
    with database.connect(autocommit=True) as other:
        other.cursor().execute("SELECT pg_advisory_lock(78)")
        run = project.start("maintain")
        kill_at_lock(database, run, "locktype = 'advisory' AND objid = 78", "keys that are read")
        other.cursor().execute("SELECT pg_advisory_unlock(78)")
    until_gone(database)
    unread = "SELECT count(*) FROM pg_constraint WHERE conrelid = 'public.child'::regclass AND conparentid = 0 AND NOT convalidated"
    assert database.value(unread) == 2
    with pytest.raises(Exception):
        database.execute("INSERT INTO public.child VALUES (1, 9999)")
    database.execute("DROP EVENT TRIGGER stop")
    assert [w[:24] for w in whats(maintain(project))] == ["validate the foreign key"] * 2
    assert database.value(unread) == 0
    assert database.execute("SELECT obj_description(oid, 'pg_constraint') FROM pg_constraint WHERE conrelid = 'public.child'::regclass AND conparentid = 0 ORDER BY 1") == [("it's up",), (None,)]
    assert maintain(project)["steps"] == []


def prepared(project, database, table="public.t"):
    """A conversion that a kill has left behind its first batches, by a row that somebody holds."""
    with database.connect(autocommit=False) as other:
        other.cursor().execute(f"SELECT FROM {table} WHERE id = 3000 FOR UPDATE")
        run = project.start("maintain")
        until(lambda: database.value("SELECT obj_description(to_regclass('public.t_godwit_new'), 'pg_class')") == "{2000}", 60, "2000 rows copied")
        run.process.kill()
        run.process.wait(60)
        other.rollback()
    until_gone(database)


def test_who_replays_anothers_changes_is_captured(project, database):
    """Logical replication applies as session_replication_role = replica, for which ordinary triggers are asleep."""
    database.execute("CREATE TABLE public.t (id int PRIMARY KEY, v int); INSERT INTO public.t SELECT i, i FROM generate_series(1, 4500) i")
    configure(project, database, {"partitions": [{"table": "t", "every": 1000, "ahead": 1, "convert": {"by": "id"}}]})
    prepared(project, database)
    database.execute("SET session_replication_role = replica; INSERT INTO public.t VALUES (-5, 5); UPDATE public.t SET v = -1 WHERE id = 9; DELETE FROM public.t WHERE id = 8; "
                     "RESET session_replication_role")
    assert {s["outcome"] for s in maintain(project)["steps"]} == {"done"}
    assert database.execute("SELECT id, v FROM public.t WHERE id < 10 AND (id < 1 OR id > 6) ORDER BY 1") == [(-5, 5), (7, 7), (9, -1)]


@pytest.mark.parametrize("change, what", [
    ("ALTER TABLE public.t ADD late text DEFAULT 'x'", "column late"), ("ALTER TABLE public.t ALTER v TYPE bigint", "column v"), ("CREATE INDEX late ON public.t (v)", "the index late"),
    ("ALTER TABLE public.t ADD CONSTRAINT late CHECK (v > -9)", "the constraint late")], ids=["column", "type", "index", "check"])
def test_what_a_migration_changes_meanwhile_is_not_lost(project, database, change, what):
    database.execute("CREATE TABLE public.t (id int PRIMARY KEY, v int); INSERT INTO public.t SELECT i, i FROM generate_series(1, 4500) i")
    configure(project, database, {"partitions": [{"table": "t", "every": 1000, "ahead": 1, "convert": {"by": "id"}}]})
    prepared(project, database)
    database.execute(change)
    said = maintain(project, code=1)["steps"][0]["detail"]
    assert f"{what} has changed since" in said.replace("public.", "")
    database.execute(said[said.index("DROP FUNCTION"):said.index("and the next run")])
    assert {s["outcome"] for s in maintain(project)["steps"]} == {"done"}
    assert database.value("SELECT relkind FROM pg_class WHERE oid = 'public.t'::regclass") == "p"
    assert database.value("SELECT count(*) FROM public.t WHERE v = id") == 4500


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
    until_gone(database)
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
        kill_at_lock(database, run, "relation = 'public.t'::regclass", "upkeep that waits")
        other.rollback()
    until_gone(database)
    assert database.value("SELECT relkind FROM pg_class WHERE oid = 'public.t'::regclass") == "r"
    assert (database.value("SELECT to_regclass('public.t_godwit_new')") is None) == (at == "prepare")
    database.execute("UPDATE public.t SET v = -v WHERE id = 7; DELETE FROM public.t WHERE id = 8")
    said = maintain(project)
    assert [s["detail"] for s in said["steps"] if "copy" in s["what"]] == [f"{4499 if at == 'prepare' else 0} rows copied"]
    assert database.execute("SELECT count(*), sum(v) FROM public.t") == [(4499, sum(range(1, 4501)) - 8 - 14)]
    assert database.value("SELECT relkind FROM pg_class WHERE oid = 'public.t'::regclass") == "p"
    assert database.execute("SELECT proname FROM pg_proc WHERE proname ~ 'godwit_capture'") == []
    assert maintain(project)["steps"] == []
