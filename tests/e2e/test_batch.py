"""Batch migrations: ranges of a key, each in its transaction, resumable."""
import signal

import pytest

from harness.waiting import until

WAITS = """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
           AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()"""


@pytest.fixture
def items(database):
    """100 rows; each UPDATE of one is written down; row 55 waits for advisory lock 42."""
    database.execute("""
        CREATE TABLE items (id int PRIMARY KEY, n int NOT NULL DEFAULT 0);
        INSERT INTO items SELECT id FROM generate_series(1, 100) id;
        CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.id = 55 THEN PERFORM pg_advisory_xact_lock(42); END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER wait BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION wait();
    """)
    return database


BATCH = "-- godwit: batch items.id 10\nUPDATE items SET n = n + 1 WHERE id BETWEEN $1 AND $2;\n"


def row_of(database):
    return database.execute("SELECT state, (intent->>'after'), (intent->>'rows')::int FROM godwit.migrations")


def test_each_range_is_a_transaction(project, items):
    project.migration(1, "bump", BATCH)
    project.godwit("up", code=0)
    assert items.execute("SELECT n, count(*) FROM items GROUP BY n") == [(1, 100)]
    assert items.execute("SELECT count(*) FROM (SELECT DISTINCT xmin::text FROM items) x") == [(10,)]
    assert project.states() == {"1": "applied"}
    assert items.value("SELECT intent IS NULL FROM godwit.migrations")


def test_a_failure_keeps_what_is_done_and_goes_on_there(project, items):
    items.execute("ALTER TABLE items ADD CONSTRAINT small CHECK (id <> 35 OR n = 0)")
    project.migration(1, "bump", BATCH)
    failed = project.godwit("up", "--json", code=1).json["error"]
    assert failed["sqlstate"] == "23514" and failed["where"].endswith("1_bump.up.sql:2:1")
    assert "30 rows in 3 ranges are done" in failed["detail"] and "from 31 to 40" in failed["detail"]
    assert row_of(items) == [("running", "30", 30)]
    assert project.states() == {"1": "failed"}
    project.godwit("status", "--check", code=3)
    # the statement may not change while it is half-way
    project.migration(1, "bump", BATCH.replace("n + 1", "n + 2"))
    assert "edited while it is half-way" in project.godwit("up", code=1).err
    project.migration(1, "bump", BATCH)
    items.execute("ALTER TABLE items DROP CONSTRAINT small")
    project.godwit("up", code=0)
    assert items.execute("SELECT n, count(*) FROM items GROUP BY n") == [(1, 100)]
    assert project.states() == {"1": "applied"}


@pytest.mark.parametrize("how", ["interrupt", "kill"])
def test_stopped_in_the_middle(project, items, how):
    project.migration(1, "bump", BATCH)
    with items.connect() as holder, holder.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(42)")
        running = project.start("up", env={"GODWIT_LOCK_TIMEOUT": "0"})
        until(lambda: items.value(WAITS), what="the sixth range")
        assert items.value("SELECT count(*) FROM items WHERE n = 1") == 50
        if how == "kill":
            running.kill()
            cursor.execute("SELECT pg_advisory_unlock(42)")
        else:
            running.signal(signal.SIGINT)
            cursor.execute("SELECT pg_advisory_unlock(42)")
            stopped = running.finish(code=6)
            assert "goes on behind key 60" in stopped.err
            assert row_of(items) == [("running", "60", 60)]
    project.godwit("up", code=0)
    assert items.execute("SELECT n, count(*) FROM items GROUP BY n") == [(1, 100)]
    assert project.states() == {"1": "applied"}


def test_begun_again_after_forget(project, items):
    items.execute("ALTER TABLE items ADD CONSTRAINT small CHECK (id <> 35 OR n = 0)")
    project.migration(1, "bump", BATCH)
    project.godwit("up", code=1)
    project.godwit("repair", "1", code=1)
    project.godwit("repair", "1", "--forget", code=0)
    assert project.states()["1"] in ("pending", "failed")
    items.execute("ALTER TABLE items DROP CONSTRAINT small")
    project.godwit("up", code=0)
    assert items.execute("SELECT n, count(*) FROM items GROUP BY n ORDER BY 1") == [(1, 70), (2, 30)]


def test_rows_without_a_key_are_said(project, database):
    database.execute("CREATE TABLE loose (k int, n int DEFAULT 0);"
                     "INSERT INTO loose SELECT nullif(k % 7, 0) FROM generate_series(1, 50) k")
    project.migration(1, "bump", "-- godwit: batch loose.k 3\nUPDATE loose SET n = n + 1 WHERE k BETWEEN $1 AND $2;")
    result = project.godwit("up", code=0)
    assert "whose k is NULL" in result.err
    # a key that is not unique: each row once all the same
    assert database.execute("SELECT k IS NULL, n, count(*) FROM loose GROUP BY 1, 2 ORDER BY 1") == [
        (False, 1, 43), (True, 0, 7)]


@pytest.mark.parametrize("kind, value", [
    ("uuid", "gen_random_uuid()"), ("text", "'ключ ' || n || '''\"' || chr(92)"), ("timestamptz", "now() - n * interval '1.000001 s'"),
    ("numeric", "n / 7.0"), ("date", "date '2000-01-31' + n"), ("bytea", "decode(lpad(to_hex(n), 8, '0'), 'hex')"),
])
def test_keys_of_other_types(project, database, kind, value):
    if kind == "uuid" and database.server.major < 13:
        value = "md5(n::text)::uuid"
    database.execute(f"CREATE TABLE keyed (k {kind} PRIMARY KEY, n int DEFAULT 0);"
                     f"INSERT INTO keyed SELECT {value} FROM generate_series(1, 57) n;"
                     f"ALTER DATABASE \"{database.name}\" SET DateStyle = 'SQL, DMY'")
    project.migration(1, "bump", "-- godwit: batch keyed.k 10\nUPDATE keyed SET n = n + 1 WHERE k BETWEEN $1 AND $2;")
    assert "NULL" not in project.godwit("up", code=0).err
    assert database.execute("SELECT n, count(*) FROM keyed GROUP BY n") == [(1, 57)]


@pytest.mark.parametrize("kind, value, settings", [
    ("timestamptz", "timestamptz '2020-10-25 00:00 Asia/Kolkata' + i * interval '3 min'", {"DateStyle": "SQL, DMY", "TimeZone": "Asia/Kolkata"}),
    ("timestamptz", "timestamptz '2020-10-25 00:00 Asia/Shanghai' + i * interval '3 min'", {"DateStyle": "German", "TimeZone": "Asia/Shanghai"}),
    ("float8", "sqrt(i::float8) / 1000", {"extra_float_digits": "-14"}),
    ("interval", "make_interval(months => -i, secs => 0.5)", {"IntervalStyle": "sql_standard"}),
], ids=["india", "china", "float", "interval"])
def test_keys_are_written_so_that_they_read_alike(project, database, kind, value, settings):
    """Text with a zone's abbreviation or too few digits is another key: rows were left out, or met twice."""
    for name, text in settings.items():
        database.execute(f"ALTER DATABASE \"{database.name}\" SET {name} = '{text}'")
    database.execute(f"CREATE TABLE t (k {kind} PRIMARY KEY, n int NOT NULL DEFAULT 0, said text);"
                     f" INSERT INTO t (k) SELECT {value} FROM generate_series(1, 97) AS i")
    project.migration(1, "bump", "-- godwit: batch t.k 10\nUPDATE t SET n = n + 1, said = current_setting('DateStyle')"
                                 " || current_setting('extra_float_digits') WHERE k BETWEEN $1 AND $2;\n")
    project.godwit("up", code=0)
    assert database.execute("SELECT n, count(*) FROM t GROUP BY n") == [(1, 97)]
    # The statement itself runs with the settings of its database.
    [(said,)] = database.execute("SELECT DISTINCT said FROM t")
    assert said.startswith(settings.get("DateStyle", "ISO")) and said.endswith(settings.get("extra_float_digits", "1"))


def test_a_session_that_writes_dates_otherwise_goes_on_at_the_same_key(project, database):
    database.execute(f"ALTER DATABASE \"{database.name}\" SET DateStyle = 'SQL, DMY'")
    database.execute("CREATE TABLE t (k date PRIMARY KEY, n int NOT NULL DEFAULT 0, id int);"
                     " INSERT INTO t (k, id) SELECT date '2019-12-20' + i, i FROM generate_series(1, 97) AS i;"
                     " ALTER TABLE t ADD CONSTRAINT small CHECK (id <> 55 OR n = 0)")
    project.migration(1, "bump", "-- godwit: batch t.k 10\nUPDATE t SET n = n + 1 WHERE k BETWEEN $1 AND $2;\n")
    project.godwit("up", code=1)
    database.execute(f"ALTER DATABASE \"{database.name}\" SET DateStyle = 'ISO, MDY'")
    database.execute("ALTER TABLE t DROP CONSTRAINT small")
    project.godwit("up", code=0)
    assert database.execute("SELECT n, count(*) FROM t GROUP BY n") == [(1, 97)]


def test_delete_and_insert(project, items):
    items.execute("CREATE SCHEMA \"Old Data\"; CREATE TABLE \"Old Data\".\"Items\" AS TABLE items WITH NO DATA")
    project.migration(1, "copy", "-- godwit: batch items.id 7\nINSERT INTO \"Old Data\".\"Items\" SELECT * FROM items\n"
                                 "WHERE id BETWEEN $1 AND $2;",
                      "-- godwit: batch \"Old Data\".\"Items\".id 9\nDELETE FROM \"Old Data\".\"Items\" WHERE id BETWEEN $1 AND $2;")
    project.migration(2, "delete", "-- godwit: batch items.id 30\nDELETE FROM items WHERE id >= $1 AND id <= $2 AND id % 2 = 0;",
                      "")
    project.godwit("up", code=0)
    assert items.value('SELECT count(DISTINCT id) FROM "Old Data"."Items"') == 100
    assert items.value('SELECT count(*) FROM "Old Data"."Items"') == 100
    assert items.execute("SELECT count(*), bool_and(id % 2 = 1) FROM items") == [(50, True)]
    project.godwit("down", "--steps", "2", "--allow-data-loss", code=0)
    assert items.value('SELECT count(*) FROM "Old Data"."Items"') == 0
    assert project.states() == {"1": "pending", "2": "pending"}


def test_an_empty_table_and_a_table_that_is_not_there(project, database):
    project.migration(1, "make", "CREATE TABLE none (id int, n int);")
    project.migration(2, "bump", "-- godwit: batch none.id 10\nUPDATE none SET n = 1 WHERE id BETWEEN $1 AND $2;")
    project.godwit("up", code=0)
    project.migration(3, "bump", "-- godwit: batch nowhere.id 10\nUPDATE nowhere SET n = 1 WHERE id BETWEEN $1 AND $2;")
    error = project.godwit("up", "--json", code=1).json["error"]
    assert error["sqlstate"] == "42P01" and "nowhere" in error["message"]
    assert error["where"].endswith("3_bump.up.sql:1:1")


ENDLESS = {
    "key": ("items.id", "UPDATE items SET id = id + 10000 WHERE id BETWEEN $1 AND $2", "sets id"),
    "value": ("items.n", "UPDATE ONLY items i SET n = i.n + 1 WHERE n BETWEEN $1 AND $2", "sets n"),
    "both": ("items.id", "UPDATE items SET (n, id) = (SELECT 1, 2) WHERE id BETWEEN $1 AND $2", "sets id"),
    "schema": ("items.id", "UPDATE public.items SET id = -id WHERE id BETWEEN $1 AND $2", "sets id"),
    "other schema": ("public.items.id", "UPDATE \"items\" SET id = -id WHERE id BETWEEN $1 AND $2", "sets id"),
    "insert": ("items.id", "INSERT INTO items SELECT id + 100, n FROM items WHERE id BETWEEN $1 AND $2", "inserts into items"),
    "with": ("items.id", "WITH x AS (INSERT INTO items SELECT id + 100 FROM items WHERE id BETWEEN $1 AND $2 RETURNING id)"
                         " DELETE FROM items USING x WHERE items.id = x.id - 100", "inserts into items"),
}


@pytest.mark.parametrize("which", ENDLESS)
def test_what_would_never_end_is_refused(project, items, which):
    place, statement, says = ENDLESS[which]
    project.migration(1, "before", "CREATE TABLE before (id int);")
    project.migration(2, "endless", f"-- godwit: batch {place} 10\n{statement};\n")
    for command in (["up"], ["up", "--dry-run"], ["plan"]):
        error = project.godwit(*command, "--json", code=1, timeout=60).json["error"]
        assert says in error["message"] and error["where"].endswith("2_endless.up.sql:2:1"), error
        assert "might never end" in error["detail"] and "without batch" in error["hint"]
    assert items.tables() == ["items"]
    assert items.value("SELECT count(*) FROM items WHERE id BETWEEN 1 AND 100 AND n = 0") == 100


@pytest.mark.parametrize("where, at, says, hint", [
    ("id >= $1 AND id < $2", "< $2", "first or the last row", "id BETWEEN $1 AND $2"),
    ("id > $1 AND id <= $2", "> $1", "first or the last row", "id BETWEEN $1 AND $2"),
    ("id BETWEEN $1 AND $2 OR true", "$1", "does not keep to its range", "BETWEEN"),
    ("n IN (SELECT 0 FROM other WHERE other.id BETWEEN $1 AND $2)", "$1", "does not keep to its range", "BETWEEN"),
])
def test_what_is_not_bound_to_its_range_is_refused(project, items, where, at, says, hint):
    project.migration(1, "before", "CREATE TABLE before (id int);")
    statement = f"UPDATE items SET n = 1 WHERE {where};\n"
    project.migration(2, "bump", f"-- godwit: batch items.id 10\n{statement}")
    for command in (["up"], ["up", "--dry-run"]):
        error = project.godwit(*command, "--json", code=1).json["error"]
        assert says in error["message"] and hint in error["hint"]
        assert error["where"].endswith(f"2_bump.up.sql:2:{statement.index(at) + 1}")
    assert items.tables() == ["items"] and items.value("SELECT sum(n) FROM items") == 0


@pytest.mark.parametrize("statement", [
    "UPDATE items SET n = n + 1 WHERE ctid = ANY (ARRAY(SELECT ctid FROM items WHERE id BETWEEN $1 AND $2))",
    "WITH part AS (SELECT id AS x FROM public.items WHERE $1 <= id AND $2::bigint >= id)"
    " UPDATE items SET n = n + 1 FROM part WHERE items.id = part.x",
    "UPDATE items SET n = items.n + 1 FROM items x WHERE x.id = items.id AND x.id BETWEEN $1 AND $2",
])
def test_other_ways_to_keep_to_the_range(project, items, statement):
    project.migration(1, "bump", f"-- godwit: batch items.id 7\n{statement};\n")
    project.godwit("up", code=0)
    assert items.execute("SELECT n, count(*) FROM items GROUP BY n") == [(1, 100)]


def test_what_ends_all_the_same(project, items):
    """Another table of the same name, another table's column; and one that comes with the file before."""
    items.execute("CREATE SCHEMA old; CREATE TABLE old.items AS TABLE items")
    project.migration(1, "keep", "-- godwit: batch items.id 10\nINSERT INTO old.items SELECT id + 100, n FROM items WHERE id BETWEEN $1 AND $2;")
    project.migration(2, "other", "-- godwit: batch items.id 10\nUPDATE old.items o SET id = -o.id FROM items i WHERE i.id = o.id AND i.id BETWEEN $1 AND $2;")
    project.godwit("up", code=0, timeout=60)
    assert items.execute("SELECT count(*), min(id), max(id) FROM old.items") == [(200, -100, 200)]
    project.migration(3, "make", "CREATE TABLE made (id int PRIMARY KEY); INSERT INTO made VALUES (1);")
    project.migration(4, "endless", "-- godwit: batch made.id 10\nUPDATE public.made SET id = id + 10000 WHERE id BETWEEN $1 AND $2;")
    error = project.godwit("up", "--json", code=1, timeout=60).json["error"]
    assert "sets id" in error["message"] and error["where"].endswith("4_endless.up.sql:2:1")
    assert items.execute("SELECT id FROM made") == [(1,)] and project.states()["3"] == "applied"


def test_rows_are_counted_on_after_a_resumption(project, database):
    """A key that many rows share: progress is in rows, as the history, also when another run goes on."""
    database.execute("CREATE TABLE shared (k int, n int DEFAULT 0, CONSTRAINT small CHECK (k <> 7 OR n = 0));"
                     "CREATE INDEX ON shared (k); INSERT INTO shared SELECT k / 100 FROM generate_series(0, 999) k; ANALYZE shared")
    project.migration(1, "bump", "-- godwit: batch shared.k 10\nUPDATE shared SET n = 1 WHERE k BETWEEN $1 AND $2;")
    project.godwit("up", code=1)
    assert database.execute("SELECT (intent->>'rows')::int, (intent->>'seen')::int FROM godwit.migrations") == [(700, 700)]
    database.execute("ALTER TABLE shared DROP CONSTRAINT small; ALTER TABLE shared ADD CONSTRAINT less CHECK (k <> 9 OR n = 0)")
    project.migration(1, "bump", project.read("migrations/1_bump.up.sql").replace(" 10\n", " 50\n"))
    project.godwit("up", code=1)
    assert database.execute("SELECT (intent->>'rows')::int, (intent->>'seen')::int FROM godwit.migrations") == [(900, 900)]
    database.execute("ALTER TABLE shared DROP CONSTRAINT less")
    project.godwit("up", code=0)
    assert database.execute("SELECT n, count(*) FROM shared GROUP BY n") == [(1, 1000)]


def test_what_was_applied_before_it_was_refused_is_replayed(project, database):
    project.migration(1, "make", "CREATE TABLE t (id int PRIMARY KEY);")
    project.migration(2, "turn", "-- godwit: batch t.id 10\nUPDATE t SET id = -id WHERE id BETWEEN $1 AND $2;")
    project.migration(3, "none", "")
    project.godwit("up", "--to", "1", code=0)
    project.godwit("baseline", "3", "--yes", code=0)
    assert project.godwit("verify", "--json", code=0).json["drift"]["equal"] is True


def test_names_are_asked_about_as_the_tenant_finds_them(make_project, database):
    """public.items is another table than the tenant's items; the tenant's own name is the same one."""
    database.execute("CREATE TABLE items (id int PRIMARY KEY); CREATE SCHEMA tenant_a;"
                     "CREATE TABLE tenant_a.items AS SELECT generate_series(1, 30) AS id")
    project = make_project()
    project.config({"default": "x", "environments": {"x": {"url": database.url, "for_each": {"schemas": "tenant_%"}}}})
    batch = "-- godwit: batch items.id 10\nINSERT INTO {}.items SELECT id FROM items WHERE id BETWEEN $1 AND $2;\n"
    project.migration(1, "copy", batch.format("public"))
    project.godwit("up", "--dry-run", code=0)
    project.godwit("plan", "--tenant", "tenant_a", code=0)
    project.godwit("up", code=0, timeout=60)
    assert database.value("SELECT count(*) FROM public.items") == 30
    project.migration(2, "endless", batch.format("tenant_a"))
    for command in (["up", "--dry-run"], ["plan", "--tenant", "tenant_a"], ["up"]):
        said = project.godwit(*command, code=1, timeout=60).err
        assert "inserts into items" in said and "2_endless.up.sql:2:1" in said


def test_the_time_it_took_is_that_of_all_its_runs(project, items):
    """A range of the first run took half a second; the second run had next to nothing to do."""
    items.execute("""CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.id = 5 THEN PERFORM pg_sleep(0.5); END IF; RETURN NEW; END $$;
        CREATE TRIGGER slow BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION slow();
        ALTER TABLE items ADD CONSTRAINT no CHECK (id <> 15 OR n = 0)""")
    project.migration(1, "batch", "-- godwit: batch items.id 10\nUPDATE items SET n = 1 WHERE id BETWEEN $1 AND $2;")
    project.migration(2, "steps", "-- godwit: no-transaction\nSELECT pg_sleep(0.5);\nSELECT 1 / count(*) FROM made;")
    project.godwit("up", code=1)
    items.execute("ALTER TABLE items DROP CONSTRAINT no")
    project.godwit("up", code=1)
    items.execute("CREATE TABLE made AS SELECT 1")
    project.godwit("up", code=0)
    took = [m["duration_ms"] for m in project.godwit("status", "--json", code=0).json["migrations"]]
    assert min(took) >= 500
    assert [ms >= 500 for (ms,) in items.execute(
        "SELECT duration_ms FROM godwit.events WHERE action = 'apply' AND outcome = 'ok' ORDER BY version")] == [True, True]


@pytest.mark.parametrize("statement", [
    "UPDATE t SET n = n + 1 WHERE EXISTS (SELECT FROM o WHERE o.t = t.id AND t.id BETWEEN $1 AND $2)",
    "UPDATE o SET n = n + 1 WHERE EXISTS (SELECT 1 FROM t WHERE t.id = o.t AND t.id BETWEEN $1 AND $2)"])
def test_a_range_inside_exists(project, database, statement):
    """Each row once, whichever of the two tables has the key."""
    database.execute("CREATE TABLE t (id int PRIMARY KEY, n int DEFAULT 0); CREATE TABLE o (t int, n int DEFAULT 0);"
                     "INSERT INTO t SELECT generate_series(1, 25); INSERT INTO o SELECT id / 2 FROM t WHERE id > 1")
    project.migration(1, "x", f"-- godwit: batch t.id 4\n{statement};\n")
    project.godwit("up", code=0)
    written, rows = statement.split()[1], {"t": (12, 12), "o": (24, 24)}
    assert database.execute(f"SELECT sum(n)::int, count(*) FILTER (WHERE n = 1)::int FROM {written}") == [rows[written]]


def test_a_replica_that_falls_behind_is_waited_for(make_project, replicated_server):
    """Also one that replays nothing, whose own word of its lag stands still."""
    primary, replica = replicated_server
    primary.execute("CREATE TABLE items (id int PRIMARY KEY, n int); INSERT INTO items SELECT g, 0 FROM generate_series(1, 6) g")
    project = make_project(primary.url())
    for version in (1, 2):
        project.migration(version, "slow", "-- godwit: batch items.id 2\nUPDATE items SET n = n + 1 WHERE id BETWEEN $1 AND $2"
                                           " AND pg_sleep(0.01) IS NOT NULL;\n")
    until(lambda: primary.caught_up(replica), what="the standby")
    replica.execute("SELECT pg_wal_replay_pause()")
    project.godwit("up", "--to", "1", code=0, env={"GODWIT_MAX_REPLICA_LAG": "0"})
    running = project.start("up", env={"GODWIT_MAX_REPLICA_LAG": "1ms"})
    said = until(lambda: (lambda s: s if "waiting: a replica" in s else None)(running.said()), what="the word of the wait")
    assert "behind (" in said and "max_replica_lag" in said
    assert running.process.poll() is None
    assert primary.execute("SELECT count(*) FROM items WHERE n = 1")[0][0] > 0
    replica.execute("SELECT pg_wal_replay_resume()")
    running.finish(0)
    assert primary.execute("SELECT DISTINCT n FROM items") == [(2,)]
