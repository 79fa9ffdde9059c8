"""Many rows of a DEFAULT partition get theirs in small parts, while people read and write: nothing is lost, hidden or shown twice."""
import pytest

from harness.blocking import until_gone
from harness.waiting import until
from test_maintain import configure, maintain
from test_maintain_partitions import ranges, whats

MAKE = """
CREATE TABLE public.parent (id int PRIMARY KEY); INSERT INTO public.parent VALUES (1), (2);
CREATE TABLE public."t 1" (id int PRIMARY KEY, "v's" text, p int CONSTRAINT up REFERENCES public.parent, gone int, g int GENERATED ALWAYS AS (id * 2) STORED) PARTITION BY RANGE (id);
ALTER TABLE public."t 1" DROP gone; CREATE INDEX by_v ON public."t 1" ("v's", lower("v's"));
CREATE TABLE public."re'st" PARTITION OF public."t 1" DEFAULT;
INSERT INTO public."t 1" SELECT i, i, 1 FROM generate_series(1, 5000) i; INSERT INTO public."t 1" VALUES (-7, 'low', 2);
CREATE TABLE public.child (id int CONSTRAINT "to 't" REFERENCES public."t 1" ON DELETE CASCADE); COMMENT ON CONSTRAINT "to 't" ON public.child IS 'it''s mine';
INSERT INTO public.child VALUES (10), (4000), (-7);
CREATE TABLE public.fired (op text); CREATE FUNCTION public.fire() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.fired VALUES (TG_OP); RETURN NULL; END';
CREATE TRIGGER fire AFTER DELETE ON public."re'st" FOR EACH ROW EXECUTE FUNCTION public.fire();
"""
RULE = {"table": 'public."t 1"', "every": 100000, "ahead": 1}


def half_filled(project, database, row, place):
    """A run that a kill has left behind its first batch, by a row that somebody holds."""
    with database.connect(autocommit=False) as other:
        other.cursor().execute('SELECT FROM public."t 1" WHERE id = %s FOR UPDATE', [row])
        run = project.start("maintain")
        until(lambda: database.value("SELECT count(*) FROM pg_description WHERE description LIKE %s", ["[godwit: filled from % {" + place + "}]"]), 60, "the first batch")
        run.kill()
    until_gone(database)


def test_in_parts_killed_and_gone_on_with(project, database):
    database.execute(MAKE)
    configure(project, database, {"partitions": [RULE]})
    assert [w.split()[0] for w in whats(maintain(project, "--dry-run"))] == ["make", "copy", "attach", "make", "make"]
    half_filled(project, database, 3000, "2000")
    # All of it is shown, once.
    assert database.execute('SELECT count(*), sum(id) FROM public."t 1"') == [(5001, 12502493)]
    # Written meanwhile: of both sides of the place, in and out of the range, under the role of a replica, too.
    database.execute("""DELETE FROM public.child WHERE id = 4000; UPDATE public."t 1" SET "v's" = 'changed' WHERE id IN (5, 4500); DELETE FROM public."t 1" WHERE id IN (6, 4600);
        UPDATE public."t 1" SET id = -id WHERE id IN (20, 4700); UPDATE public."t 1" SET id = 77777 WHERE id = 21; INSERT INTO public."t 1" (id, p) VALUES (88888, 1);
        SET session_replication_role = replica; DELETE FROM public."t 1" WHERE id = 30; RESET session_replication_role; DELETE FROM public.fired""")
    before = database.execute('SELECT * FROM public."t 1" ORDER BY id')
    said = maintain(project)
    assert {s["outcome"] for s in said["steps"]} == {"done"}, said
    assert 'validate the foreign key "to \'t" of child' in [w.replace("public.", "") for w in whats(said)]
    assert database.execute('SELECT * FROM public."t 1" ORDER BY id') == before and len(before) == 4999
    assert database.value("SELECT count(*) FROM public.\"re'st\"") == 0 and database.execute("SELECT * FROM public.fired") == []
    assert database.execute("SELECT id FROM public.child ORDER BY 1") == [(-7,), (10,)]
    assert database.execute("SELECT convalidated, obj_description(oid, 'pg_constraint') FROM pg_constraint WHERE conname = 'to ''t'") == [(True, "it's mine")]
    # It is a partition as every other, and nothing is left behind.
    found = ranges(database, 'public."t 1"')
    assert {n for n in found} == {"re'st", "t 1_m100000", "t 1_n0", "t 1_n100000"}
    facts = """SELECT array(SELECT pg_get_constraintdef(oid) || (coninhcount > 0) || (conparentid <> 0) FROM pg_constraint WHERE conrelid = c.oid AND contype <> 'n' ORDER BY 1), obj_description(c.oid, 'pg_class'),
        array(SELECT indisvalid || (SELECT count(*) FROM pg_inherits WHERE inhrelid = indexrelid)::text FROM pg_index WHERE indrelid = c.oid ORDER BY 1), relowner FROM pg_class c WHERE relname = %s"""
    assert database.execute(facts, ["t 1_n0"]) == database.execute(facts, ["t 1_n100000"])
    assert database.value("SELECT count(*) FROM pg_proc WHERE proname ~ 'godwit_drain'") == 0
    for bad in ('INSERT INTO public."t 1" VALUES (40, NULL, 1)', 'INSERT INTO public."t 1" VALUES (99999, NULL, 3)', "INSERT INTO public.child VALUES (6)"):
        with pytest.raises(Exception):
            database.execute(bad)
    database.execute('DELETE FROM public."t 1" WHERE id IN (10, -7)')
    assert database.execute("SELECT id FROM public.child") == []
    # What the server counts of changed rows comes when it comes, and asks for an ANALYZE.
    assert [s for s in maintain(project)["steps"] if s["action"] != "vacuum"] == []
    # A table that is another by now: what is half filled goes, and is filled anew.
    database.execute('INSERT INTO public."t 1" (id) SELECT i FROM generate_series(-203000, -200001) i')
    half_filled(project, database, -200500, "-201001")
    database.execute('ALTER TABLE public."t 1" ADD late int DEFAULT 7')
    assert whats(maintain(project, "--dry-run")) == ["remove t 1_m300000, half filled for the table as it was"]
    said = maintain(project)
    assert whats(said)[0].startswith("remove") and {s["outcome"] for s in said["steps"]} == {"done"}
    assert database.execute('SELECT count(*), sum(late) FROM public."t 1_m300000"') == [(3000, 21000)] and database.value("SELECT count(*) FROM public.\"re'st\"") == 0
