"""What a run would lose is counted in the real database, said, and refused without a word that it is meant."""
import pytest

HARD = 'we "quoted" é'
QUOTED = '"we ""quoted"" é"'


def up(project, *words, **options):
    return project.godwit("up", *words, **options)


def found(document):
    return {(one["kind"], one["object"]): one["rows"] for one in document["data_loss"]}


def losses(project, command="up"):
    """{(kind, object): rows} of what is pending."""
    return found(project.godwit(command, "--dry-run", "--json", code=0).json)


def refused(project, *words, command="up"):
    result = project.godwit(command, *words, "--json", code=5)
    assert "--allow-data-loss" in result.json["error"]["hint"]
    return result.json["error"]


@pytest.fixture
def shop(project, database):
    """Files 1 applied; the tests add the next ones."""
    project.migration(1, "base", """
        CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
        CREATE TABLE gone (id int PRIMARY KEY);
        CREATE TABLE t (id int PRIMARY KEY, dropped text, short text, n bigint, m mood, plain text DEFAULT 'a');
    """)
    up(project, code=0)
    database.execute("""
        INSERT INTO gone SELECT generate_series(1, 7);
        INSERT INTO t VALUES (1, 'a', 'abcdef', 5, 'sad'), (2, NULL, 'abc', 5000000000, 'ok'),
                             (3, 'c', NULL, NULL, 'sad'), (4, NULL, 'abcd', 1, 'happy');
    """)
    return project


# ---- each kind ------------------------------------------------------------------------------------

@pytest.mark.parametrize("sql, expected", [
    ("DROP TABLE gone", {("dropped_table", "public.gone"): 7}),
    ("DROP TABLE IF EXISTS public.gone, nowhere", {("dropped_table", "public.gone"): 7}),
    ("ALTER TABLE t DROP COLUMN dropped", {("dropped_column", "public.t.dropped"): 2}),
    ("ALTER TABLE t DROP dropped CASCADE", {("dropped_column", "public.t.dropped"): 2}),
    ("ALTER TABLE t ALTER short TYPE varchar(3)", {("changed_type", "public.t.short"): 2}),
    ("ALTER TABLE t ALTER short TYPE varchar(3) USING left(short, 3)", {("changed_type", "public.t.short"): 3}),
    ("ALTER TABLE t ALTER short TYPE varchar(3) USING short::varchar(3)", {("changed_type", "public.t.short"): 2}),
    ("ALTER TABLE t ALTER n TYPE int", {("changed_type", "public.t.n"): 1}),
    ("ALTER TABLE t ALTER n TYPE numeric(3, 0)", {("changed_type", "public.t.n"): 1}),
    ("ALTER TABLE t ALTER n SET NOT NULL", {("not_null", "public.t.n"): 1}),
    ("ALTER TABLE t ALTER plain DROP DEFAULT", {("removed_default", "public.t.plain"): None}),
    ("TRUNCATE gone", {("truncated_table", "public.gone"): 7}),
    ("DELETE FROM gone", {("deleted_rows", "public.gone"): 7}),
    ("DELETE FROM gone WHERE true", {("deleted_rows", "public.gone"): 7}),
    ("UPDATE t SET dropped = 'x', short = upper(short)", {("overwritten_column", "public.t.dropped"): 2}),
    ("WITH d AS (DELETE FROM gone RETURNING id) SELECT count(*) FROM d", {("deleted_rows", "public.gone"): 7}),
    ("CREATE TYPE m2 AS ENUM ('ok', 'happy'); ALTER TABLE t ALTER m TYPE m2 USING m::text::m2;"
     " DROP TYPE mood; ALTER TYPE m2 RENAME TO mood", {("shortened_enum", "public.t.m"): 2}),
    ("CREATE TYPE m2 AS ENUM ('ok', 'happy', 'sad', 'new'); ALTER TABLE t ALTER m TYPE m2 USING m::text::m2;"
     " DROP TYPE mood CASCADE", {}),
    ("DROP TYPE mood CASCADE", {("dropped_column", "public.t.m"): 4}),
    ("TRUNCATE gone; DROP TABLE gone", {("truncated_table", "public.gone"): 7}),
    ("DO $$ BEGIN IF true THEN DROP TABLE gone; END IF; END $$", {("dropped_table", "public.gone"): 7}),
    ("DO $$ BEGIN EXECUTE 'DROP TABLE gone'; END $$", {("dropped_table", "public.gone"): 7}),
    ("PREPARE d AS DELETE FROM gone; EXECUTE d; DEALLOCATE d", {("deleted_rows", "public.gone"): 7}),
    # Nothing is lost:
    ("DELETE FROM gone WHERE id = 3", {}),
    ("DO $$ DECLARE n int; BEGIN DELETE FROM gone WHERE id = 3 RETURNING id INTO n; END $$", {}),
    ("DO $$ BEGIN EXECUTE format('ALTER TABLE %I DROP CONSTRAINT gone_pkey', 'gone'); END $$", {}),
    ("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM gone; DROP TABLE t; RETURN 1; END $$", {}),
    ("CREATE TABLE fresh (id int, a text); INSERT INTO fresh VALUES (1); ALTER TABLE fresh DROP a;"
     " DROP TABLE fresh", {}),
    ("CREATE TEMP TABLE gone (id int); INSERT INTO pg_temp.gone VALUES (1); DROP TABLE gone", {}),
    ("ALTER TABLE t ADD extra text; UPDATE t SET extra = 'x'; ALTER TABLE t DROP extra", {}),
    ("ALTER TABLE t RENAME TO other; CREATE TABLE t (id int); DROP TABLE t", {}),
    ("ALTER TABLE t RENAME dropped TO kept; ALTER TABLE t ADD dropped text; ALTER TABLE t DROP dropped", {}),
    ("ALTER TABLE t ALTER short TYPE varchar(6)", {("changed_type", "public.t.short"): 0}),
    ("ALTER TABLE t ALTER n TYPE numeric", {}),
    ("CREATE VIEW v AS SELECT * FROM t; DROP VIEW v CASCADE", {}),
    ("CREATE SCHEMA s; ALTER TABLE gone SET SCHEMA s; ALTER SCHEMA s RENAME TO s2", {}),
    # By another name by then:
    ("ALTER TABLE gone RENAME TO gone_old; CREATE TABLE gone (id int); INSERT INTO gone SELECT * FROM gone_old;"
     " DROP TABLE gone_old", {("dropped_table", "public.gone"): 7}),
    ("ALTER TABLE t RENAME dropped TO d2; ALTER TABLE t DROP d2", {("dropped_column", "public.t.dropped"): 2}),
    ("CREATE SCHEMA s; ALTER TABLE gone SET SCHEMA s; DROP SCHEMA s CASCADE", {("dropped_table", "public.gone"): 7}),
    ("CREATE SCHEMA s; ALTER TABLE gone SET SCHEMA s; ALTER SCHEMA s RENAME TO s2; SET search_path = s2;"
     " DROP TABLE gone", {("dropped_table", "public.gone"): 7}),
])
def test_what_a_file_would_lose(shop, sql, expected):
    shop.migration(2, "next", sql + ";")
    assert losses(shop) == expected


def test_a_block_that_puts_its_statement_together_cannot_be_known(shop, database):
    shop.migration(2, "next", "DO $$ DECLARE r text; BEGIN FOR r IN SELECT 'gone' LOOP"
                              " EXECUTE format('DROP TABLE %I', r); END LOOP; END $$;")
    assert "cannot be known" in refused(shop)["message"]
    assert "gone" in database.tables()


def test_in_an_empty_database_nothing_unknown_is_lost(project):
    project.migration(1, "first", "DO $$ DECLARE r text; BEGIN FOR r IN SELECT tablename FROM pg_tables"
                                  " WHERE schemaname = 'public' LOOP EXECUTE 'DROP TABLE ' || r; END LOOP; END $$;")
    assert losses(project) == {}
    up(project, code=0)


# ---- refused, allowed --------------------------------------------------------------------------------

def test_nothing_at_all_runs_where_a_later_file_loses_something(shop, database):
    shop.migration(2, "fine", "CREATE TABLE fine (id int);")
    shop.migration(3, "loses", "CREATE TABLE also_fine (id int);\nDROP TABLE gone;", "SELECT 1;")
    error = refused(shop)
    assert "table public.gone is dropped: 7 rows" in error["message"]
    assert error["where"].endswith(".sql:2:1") and "3_loses" in error["where"]
    assert sorted(database.tables()) == ["gone", "t"]
    event, *_ = shop.godwit("history", "--json", code=0).json["events"]
    assert (event["action"], event["outcome"]) == ("up", "refused")
    assert event["data"]["data_loss"] == [{"kind": "dropped_table", "object": "public.gone", "rows": 7}]
    assert [s for s in shop.states().values()] == ["applied", "pending", "pending"]
    up(shop, "--to", "2", code=0)
    up(shop, "--allow-data-loss", code=0)
    assert "gone" not in database.tables()


def test_atomic_is_refused_as_well(shop, database):
    shop.migration(2, "fine", "CREATE TABLE fine (id int);")
    shop.migration(3, "loses", "TRUNCATE gone;")
    refused(shop, "--atomic")
    up(shop, "--atomic", "--allow-data-loss", code=0)
    assert database.execute("SELECT count(*) FROM gone") == [(0,)]


def test_an_empty_table_is_no_loss(shop, database):
    database.execute("DELETE FROM gone; UPDATE t SET dropped = NULL")
    shop.migration(2, "next", "DROP TABLE gone; ALTER TABLE t DROP dropped;")
    assert losses(shop) == {("dropped_table", "public.gone"): 0, ("dropped_column", "public.t.dropped"): 0}
    up(shop, code=0)


def test_what_only_could_fail_or_is_said_is_not_refused(shop):
    shop.migration(2, "next", "UPDATE t SET n = 0 WHERE n IS NULL; ALTER TABLE t ALTER n SET NOT NULL;"
                              "ALTER TABLE t ALTER plain DROP DEFAULT; UPDATE t SET dropped = 'x';")
    said = up(shop, "--dry-run", code=0).err
    assert "becomes NOT NULL: 1 null now, unless the run fills them first" in said and "loses its default" in said
    up(shop, code=0)


def test_a_file_says_that_it_is_meant(shop, database):
    shop.migration(2, "meant", "-- godwit: allow-data-loss\nDROP TABLE gone;")
    document = up(shop, "--dry-run", "--json", code=0).json
    assert [(one["accepted"], one["rows"], one["version"]) for one in document["data_loss"]] == [(True, 7, "2")]
    assert "the file accepts it" in up(shop, "--dry-run", code=0).err
    shop.migration(3, "not_meant", "ALTER TABLE t DROP dropped;")
    assert "dropped: 2 values" in refused(shop)["message"]
    up(shop, "--to", "2", code=0)
    assert database.tables() == ["t"]


def test_plan_counts_the_same_and_sees_what_functions_do(shop, database):
    database.execute("CREATE FUNCTION sweep() RETURNS void LANGUAGE plpgsql AS"
                     " $$ BEGIN EXECUTE 'DROP TA' || 'BLE gone'; EXECUTE 'ALTER TABLE t RENAME TO r'; END $$")
    shop.migration(2, "next", "ALTER TABLE t RENAME dropped TO d2; ALTER TABLE t DROP short; SELECT sweep();"
                              "CREATE TABLE extra (); UPDATE r SET d2 = 'x'; ALTER TABLE r DROP plain;")
    known = {("dropped_column", "public.t.short"): 3, ("dropped_column", "public.t.plain"): 4,
             ("overwritten_column", "public.t.dropped"): 2}
    assert losses(shop) == known
    planned = shop.godwit("plan", "--json", code=0).json
    assert found(planned) == {**known, ("dropped_table", "public.gone"): 7}
    assert [one["object"] for one in planned["data_loss"] if one.get("only_observed")] == ["public.gone"]


FUNCTIONS = """
    CREATE FUNCTION sweep() RETURNS void LANGUAGE plpgsql AS $f$ BEGIN IF true THEN DROP TABLE gone; END IF; END $f$;
    CREATE FUNCTION clear(n int) RETURNS void LANGUAGE sql AS 'DELETE FROM gone; SELECT 1';
    CREATE PROCEDURE "Odd ""p"" é"(a int DEFAULT 1) LANGUAGE plpgsql AS $f$ BEGIN PERFORM public.clear(a); END $f$;
    CREATE FUNCTION by_text() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN EXECUTE 'TRUNCATE gone'; RETURN by_text_too(); END $f$;
    CREATE FUNCTION by_text_too() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN RETURN by_text(); END $f$;
    CREATE FUNCTION any_table(name text) RETURNS void LANGUAGE plpgsql AS $f$ BEGIN EXECUTE format('DROP TABLE %I', name); END $f$;
    CREATE FUNCTION one(wanted int) RETURNS bigint LANGUAGE sql AS 'DELETE FROM gone WHERE id = wanted RETURNING 1::bigint';
    CREATE FUNCTION makes(name text) RETURNS void LANGUAGE plpgsql AS
        $f$ BEGIN EXECUTE format('CREATE TABLE IF NOT EXISTS %I (id int)', name); END $f$;"""


@pytest.mark.parametrize("sql, expected", [
    ("SELECT sweep()", {("dropped_table", "public.gone"): 7}),
    ("SELECT count(*), public . clear(1) FROM t", {("deleted_rows", "public.gone"): 7}),
    ('CALL "Odd ""p"" é"()', {("deleted_rows", "public.gone"): 7}),
    ("DO $$ BEGIN PERFORM sweep(); END $$", {("dropped_table", "public.gone"): 7}),
    ("DO 'BEGIN PERFORM length(''x''), clear(2); END'", {("deleted_rows", "public.gone"): 7}),
    ("WITH x AS (SELECT by_text()) SELECT * FROM x", {("truncated_table", "public.gone"): 7}),
    ("INSERT INTO t (id) SELECT 9 FROM sweep()", {("dropped_table", "public.gone"): 7}),
    ("CREATE OR REPLACE FUNCTION later() RETURNS void LANGUAGE plpgsql AS $$ BEGIN ALTER TABLE t DROP dropped; END $$; SELECT later()",
     {("dropped_column", "public.t.dropped"): 2}),
    ("CREATE OR REPLACE FUNCTION sweep() RETURNS void LANGUAGE plpgsql AS $$ BEGIN NULL; END $$; SELECT sweep()", {}),
    ("ALTER TABLE gone RENAME TO old; CREATE TABLE gone (id int); SELECT sweep()", {}),
    # Nothing is lost:
    ("SELECT one(3), makes('new'), now(), lower('X')", {}),
    ("SELECT 'sweep()'; CREATE VIEW v AS SELECT one(1); COMMENT ON TABLE t IS 'SELECT sweep()'", {}),
])
def test_what_called_functions_would_lose(shop, database, sql, expected):
    database.execute(FUNCTIONS)
    shop.migration(2, "next", sql + ";")
    assert losses(shop) == expected


def test_a_called_function_that_puts_its_statement_together_cannot_be_known(shop, database):
    database.execute(FUNCTIONS)
    shop.migration(2, "next", "SELECT 1;\nSELECT any_table('gone');")
    error = refused(shop)
    assert "function any_table puts together" in error["message"] and error["where"].endswith("2_next.up.sql:2:1")
    assert "gone" in database.tables()
    shop.migration(2, "next", "-- godwit: allow-data-loss\nSELECT any_table('gone');")
    up(shop, code=0)
    assert "gone" not in database.tables()


@pytest.mark.pg(14)
def test_a_called_function_of_standard_sql(shop, database):
    database.execute("CREATE FUNCTION swept() RETURNS SETOF int BEGIN ATOMIC DELETE FROM gone RETURNING id; END")
    shop.migration(2, "next", "SELECT swept();")
    assert losses(shop) == {("deleted_rows", "public.gone"): 7}


def test_plan_says_it_with_its_place(shop):
    shop.migration(2, "next", "SELECT 1;\nDROP TABLE gone;")
    said = shop.godwit("plan", code=0).err
    assert "data may be lost: table public.gone is dropped: 7 rows (" in said and "2_next" in said and ":2)" in said


# ---- down, redo -----------------------------------------------------------------------------------------

def test_down_of_a_table_with_rows_asks(project, database):
    project.migration(1, "t", "CREATE TABLE t (id int);", "DROP TABLE t;")
    up(project, code=0)
    project.godwit("down", code=0)
    up(project, code=0)
    database.execute("INSERT INTO t VALUES (1), (2)")
    assert losses(project, "down") == {("dropped_table", "public.t"): 2}
    assert "2 rows" in refused(project, command="down")["message"]
    refused(project, command="redo")
    assert database.execute("SELECT count(*) FROM t") == [(2,)]
    event, *_ = project.godwit("history", "--json", code=0).json["events"]
    assert (event["action"], event["outcome"]) == ("down", "refused")
    project.godwit("redo", "--allow-data-loss", code=0)
    assert database.execute("SELECT count(*) FROM t") == [(0,)]
    project.godwit("down", code=0)


def test_redo_is_judged_both_ways_before_its_first_step(project, database):
    database.execute("CREATE TABLE old (id int); INSERT INTO old VALUES (1)")
    project.migration(1, "t", "CREATE TABLE t (id int);", "DROP TABLE t;")
    up(project, code=0)
    project.migration(1, "t", "CREATE TABLE t (id int); TRUNCATE old;")
    project.godwit("repair", "--yes", code=0)
    refused(project, command="redo")
    assert database.tables() == ["old", "t"] and database.execute("SELECT count(*) FROM old") == [(1,)]


def test_down_of_several_files_in_their_order(project, database):
    project.migration(1, "t", "CREATE TABLE t (id int);", "DROP TABLE t;")
    project.migration(2, "r", "ALTER TABLE t RENAME TO r;", "ALTER TABLE r RENAME TO t;")
    project.migration(3, "c", "ALTER TABLE r ADD c int;", "ALTER TABLE r DROP c;")
    up(project, code=0)
    database.execute("INSERT INTO r VALUES (1, 2), (3, NULL)")
    dry = project.godwit("down", "--to", "0", "--dry-run", "--json", code=0).json
    assert [(one["kind"], one["object"], one["rows"]) for one in dry["data_loss"]] == \
        [("dropped_table", "public.r", 2)]
    assert losses(project, "down") == {("dropped_column", "public.r.c"): 1}


# ---- names, partitions, inheritance, cascades -----------------------------------------------------------

@pytest.mark.parametrize("sql, expected", [
    (f"DROP TABLE {QUOTED}.{QUOTED}", {("dropped_table", f"{QUOTED}.{QUOTED}"): 3}),
    (f"ALTER TABLE {QUOTED}.{QUOTED} DROP COLUMN {QUOTED}", {("dropped_column", f"{QUOTED}.{QUOTED}.{QUOTED}"): 2}),
    (f"SET search_path = {QUOTED}; TRUNCATE {QUOTED}", {("truncated_table", f"{QUOTED}.{QUOTED}"): 3}),
    (f"SELECT set_config('search_path', '{QUOTED}', false); TRUNCATE {QUOTED}",
     {("truncated_table", f"{QUOTED}.{QUOTED}"): 3}),
    (f"DROP SCHEMA {QUOTED} CASCADE", {("dropped_table", f"{QUOTED}.{QUOTED}"): 3}),
])
def test_hard_names(project, database, sql, expected):
    database.execute(f"CREATE SCHEMA {QUOTED}; CREATE TABLE {QUOTED}.{QUOTED} ({QUOTED} text, b int);"
                     f"INSERT INTO {QUOTED}.{QUOTED} VALUES ('x', 1), (NULL, 2), ('y', 3)")
    project.migration(1, "next", sql + ";")
    assert losses(project) == expected


def test_the_search_path_of_one_file_is_not_that_of_the_next(project, database):
    database.execute("CREATE SCHEMA s; CREATE TABLE s.t (id int); INSERT INTO s.t VALUES (1);"
                     "CREATE TABLE t (id int); INSERT INTO t VALUES (1), (2)")
    project.migration(1, "a", "SET search_path = s; CREATE TABLE made (id int);")
    project.migration(2, "b", "TRUNCATE t;")
    assert losses(project) == {("truncated_table", "public.t"): 2}


def test_partitions_and_children(project, database):
    database.execute("""
        CREATE TABLE p (id int, a text) PARTITION BY RANGE (id);
        CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
        CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);
        INSERT INTO p SELECT g, CASE WHEN g % 2 = 0 THEN 'x' END FROM generate_series(0, 19) g;
        CREATE TABLE parent (id int, a text); CREATE TABLE child (own int) INHERITS (parent);
        CREATE TABLE keeps (a text) INHERITS (parent);
        INSERT INTO parent VALUES (1, 'x'); INSERT INTO child VALUES (2, 'y', 1); INSERT INTO keeps VALUES (3, 'z');
    """)
    cases = [
        ("ALTER TABLE p DROP a", {("dropped_column", "public.p.a"): 10}),
        ("DROP TABLE p", {("dropped_table", "public.p"): 20}),
        ("DROP TABLE p1", {("dropped_table", "public.p1"): 10}),
        ("ALTER TABLE p DETACH PARTITION p1", {}),
        ("ALTER TABLE parent DROP a", {("dropped_column", "public.parent.a"): 2}),
        ("ALTER TABLE ONLY parent DROP a", {("dropped_column", "public.parent.a"): 1}),
        ("DROP TABLE parent CASCADE", {("dropped_table", "public.parent"): 1, ("dropped_table", "public.child"): 1,
                                       ("dropped_table", "public.keeps"): 1}),
        ("TRUNCATE parent", {("truncated_table", "public.parent"): 3}),
        ("TRUNCATE ONLY parent", {("truncated_table", "public.parent"): 1}),
    ]
    for sql, expected in cases:
        project.migration(1, "next", sql + ";")
        assert losses(project) == expected, sql


def test_cascades_take_what_depends(project, database):
    database.execute("""
        CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a);
        CREATE TABLE c (b int REFERENCES b);
        INSERT INTO a VALUES (1); INSERT INTO b VALUES (1, 1), (2, 1); INSERT INTO c VALUES (1), (1), (2);
        CREATE TYPE addr AS (street text, zip text); CREATE TABLE d (home addr, n int);
        INSERT INTO d VALUES (ROW('x', 'y'), 1), (ROW('x', NULL), 2), (NULL, 3);
        CREATE DOMAIN small AS int CHECK (VALUE < 10); CREATE TABLE e (s small, s2 small[]); INSERT INTO e VALUES (1, '{2}');
        CREATE SEQUENCE numbers; CREATE TABLE f (id int DEFAULT nextval('numbers')); INSERT INTO f VALUES (1);
        CREATE VIEW va AS SELECT * FROM a; CREATE TABLE g (v va); INSERT INTO g VALUES (ROW(1));
    """)
    cases = [
        ("TRUNCATE a CASCADE", {("truncated_table", "public.a"): 1, ("truncated_table", "public.b"): 2,
                                ("truncated_table", "public.c"): 3}),
        ("DROP TABLE b CASCADE", {("dropped_table", "public.b"): 2}),
        ("DROP TYPE addr CASCADE", {("dropped_column", "public.d.home"): 2}),
        ("ALTER TYPE addr DROP ATTRIBUTE zip", {("dropped_column", "public.d.home.zip"): 1}),
        ("DROP DOMAIN small CASCADE", {("dropped_column", "public.e.s"): 1, ("dropped_column", "public.e.s2"): 1}),
        ("ALTER TABLE e ALTER s TYPE int, ALTER s2 TYPE int[]; DROP DOMAIN small CASCADE",
         {("changed_type", "public.e.s"): 0, ("changed_type", "public.e.s2"): 0}),
        ("DROP SEQUENCE numbers CASCADE", {("removed_default", "public.f.id"): None}),
        ("DROP TABLE a CASCADE", {("dropped_table", "public.a"): 1, ("dropped_column", "public.g.v"): 1}),
        ("DROP OWNED BY no_such_role_at_all", {}),
    ]
    for sql, expected in cases:
        project.migration(1, "next", sql + ";")
        assert losses(project) == expected, sql


def test_casts_decide_where_no_rule_does(project, database):
    database.execute("""
        CREATE TABLE t (good text, bad text, at timestamp, n int);
        INSERT INTO t VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'x', '2020-01-01 10:00', 5), (NULL, NULL, '2020-01-01', 1);
    """)
    cases = [
        ("ALTER TABLE t ALTER good TYPE uuid USING good::uuid", 0),
        ("ALTER TABLE t ALTER bad TYPE uuid USING bad::uuid", 1),
        ("ALTER TABLE t ALTER at TYPE date", 1),
        ("ALTER TABLE t ALTER n TYPE boolean USING n::boolean", 1),
        ("ALTER TABLE t ALTER n TYPE text USING 'x'", 2),
    ]
    for sql, rows in cases:
        project.migration(1, "next", sql + ";")
        one, = project.godwit("up", "--dry-run", "--json", code=0).json["data_loss"]
        assert (one["kind"], one["rows"]) == ("changed_type", rows), sql


# ---- what cannot be counted ---------------------------------------------------------------------------------

def test_row_security_never_counts_as_nothing(make_project, database):
    name = database.role()
    database.execute(f"GRANT ALL ON SCHEMA public TO {name}; GRANT CREATE ON DATABASE \"{database.name}\" TO {name};"
                     f"SET ROLE {name}; CREATE TABLE secret (id int, hidden text); RESET ROLE;"
                     "INSERT INTO secret SELECT g, 'x' FROM generate_series(1, 5) g;"
                     "ALTER TABLE secret ENABLE ROW LEVEL SECURITY; ALTER TABLE secret FORCE ROW LEVEL SECURITY")
    project = make_project(database.url_for(name))
    project.migration(1, "next", "DROP TABLE secret;")
    error = refused(project)
    assert "may not read all of its rows" in error["message"] and "nobody knows how many rows" in error["message"]
    database.execute("ANALYZE secret")
    assert "about 5 rows" in refused(project)["message"]
    # Nor where it may not read them at all.
    database.execute(f"ALTER TABLE secret DISABLE ROW LEVEL SECURITY; REVOKE ALL ON secret FROM {name}")
    assert "may not read all of its rows" in refused(project)["message"]


def test_counting_has_a_limit(shop, database):
    shop.migration(2, "next", "DROP TABLE gone;")
    database.execute("ANALYZE gone")
    error = shop.godwit("up", "--json", code=5, env={"GODWIT_COUNT_TIMEOUT": "0"}).json["error"]
    assert "about 7 rows (an estimate: counting took too long)" in error["message"]
    other = database.connect(autocommit=False)
    other.cursor().execute("LOCK TABLE gone")
    one, = shop.godwit("plan", "--json", code=0, env={"GODWIT_COUNT_TIMEOUT": "100ms"}).json["data_loss"]
    assert one["estimated"] is True and one["rows"] == 7
    other.rollback()


def test_a_file_that_cannot_be_read_by_the_grammar(shop):
    """MERGE … and others of a newer server pass; what drops something is not taken for nothing."""
    shop.migration(2, "next", "ALTER TABLE t ALTER COLUMN short SET STORAGE DEFAULT, DROP COLUMN dropped;")
    if shop.godwit("up", "--dry-run", "--json").code == 0:
        assert shop.godwit("up", "--dry-run", "--json", code=0).json["data_loss"]


# ---- tenants, services, outside a transaction, batches -------------------------------------------------------

def test_each_tenant_is_judged_by_its_own_rows(project, database):
    database.execute("CREATE SCHEMA tenant_a; CREATE SCHEMA tenant_b")
    project.config({"environments": {"dev": {"url": database.url, "for_each": {"schemas": "tenant_%"}}}})
    project.migration(1, "t", "CREATE TABLE t (id int);", "DROP TABLE t;")
    up(project, code=0)
    database.execute("INSERT INTO tenant_b.t VALUES (1)")
    dry = project.godwit("down", "--dry-run", "--json", code=0).json["data_loss"]
    assert sorted((one["tenant"], one["object"], one["rows"]) for one in dry) == \
        [("tenant_a", "tenant_a.t", 0), ("tenant_b", "tenant_b.t", 1)]
    result = project.godwit("down", "--json", code=5).json
    failed = {t["tenant"]: t["error"] for t in result["tenants"]}
    assert failed["tenant_a"] is None and "tenant_b.t is dropped: 1 row" in failed["tenant_b"]["message"]
    project.godwit("down", "--allow-data-loss", code=0)


def test_services_in_one_order(bare_project, database):
    bare_project.config({"environments": {"dev": {"url": database.url}},
                         "migrations": [{"service": "one", "path": "one"}, {"service": "two", "path": "two"}]})
    database.execute("CREATE TABLE shared (id int); INSERT INTO shared VALUES (1)")
    bare_project.write("one/1_rename.sql", "ALTER TABLE shared RENAME TO renamed;")
    bare_project.write("two/2_drop.sql", "DROP TABLE renamed;")
    bare_project.write("two/3_own.sql", "CREATE TABLE own (id int);")
    error = refused(bare_project)
    assert "table public.shared is dropped: 1 row" in error["message"] and "two/2_drop.sql" in error["where"]
    up(bare_project, "--service", "one", code=0)
    assert "public.renamed" in refused(bare_project)["message"]


def test_outside_a_transaction_and_in_batches(shop, database):
    shop.migration(2, "apart", "-- godwit: no-transaction\nCREATE TABLE n (id int);\nTRUNCATE gone;")
    assert "7 rows" in refused(shop)["message"]
    shop.migration(2, "apart", "-- godwit: batch gone.id 3\nDELETE FROM gone WHERE id BETWEEN $1 AND $2;")
    assert "all rows of public.gone are deleted: 7 rows" in refused(shop)["message"]
    shop.migration(2, "apart", "-- godwit: batch gone.id 3\nDELETE FROM gone WHERE id BETWEEN $1 AND $2 AND id > 5;")
    up(shop, code=0)
    assert database.execute("SELECT count(*) FROM gone") == [(5,)]


def test_what_an_earlier_run_has_done_is_not_counted_again(shop, database):
    shop.migration(2, "apart", "-- godwit: no-transaction\nTRUNCATE gone;\nSELECT 1/0;")
    up(shop, "--allow-data-loss", code=1)
    database.execute("INSERT INTO gone VALUES (1)")
    shop.migration(2, "apart", "-- godwit: no-transaction\nTRUNCATE gone;\nSELECT 1;")
    up(shop, code=0)
    assert database.execute("SELECT count(*) FROM gone") == [(1,)]
