"""Each check of the doctor on a database that has the trouble and on one that has not; what a role
cannot see is said; what is safe is put right and in the audit."""
import contextlib
import pathlib
import shutil
import threading

import psycopg2
import pytest

from harness import system
from harness.program import Godwit
from harness.project import Project
from harness.server import Server
from harness.waiting import until

ROOT = pathlib.Path(__file__).resolve().parents[2]

# One server with everything wrong that settings can do. What autovacuum must do against the end of the
# ids it does nevertheless: the prepared transaction below keeps it from changing anything that is asked for.
SICK = """
autovacuum = off
autovacuum_freeze_max_age = 100000
autovacuum_multixact_freeze_max_age = 10000
shared_preload_libraries = 'pg_stat_statements'
max_connections = 24
max_wal_senders = 4
superuser_reserved_connections = 3
shared_buffers = 1MB
effective_cache_size = 15TB
password_encryption = 'md5'
listen_addresses = '127.0.0.1, 127.0.0.2, 0.0.0.0'
"""
WELL = """
fsync = on
full_page_writes = on
"""

S = '"a ""schema"""'  # every name needs its quotes

BEFORE = f"""
CREATE SCHEMA {S};
SET search_path = {S};
CREATE TABLE "half empty" (id int, x int);
INSERT INTO "half empty" SELECT i, i FROM generate_series(1, 210000) i;
CREATE INDEX "empty's" ON "half empty" (id);
DELETE FROM "half empty" WHERE id % 20 <> 0;
"""
TROUBLE = f"""
SET search_path = {S};
ANALYZE "half empty";
CREATE TABLE "big one" (id int PRIMARY KEY, t text, u int);
ALTER TABLE "big one" ALTER t SET STORAGE PLAIN;
INSERT INTO "big one" SELECT i, repeat('x', 7000), i % 7 FROM generate_series(1, 1700) i;
CREATE INDEX "u ""1" ON "big one" (u);
CREATE INDEX "u ""2" ON "big one" (u);
CREATE INDEX "u and id" ON "big one" (u, id);
CREATE TABLE "seldom indexed" (id int PRIMARY KEY, x int);
INSERT INTO "seldom indexed" SELECT i, i FROM generate_series(1, 12000) i;
CREATE TABLE "never indexed" (x int);
INSERT INTO "never indexed" SELECT i FROM generate_series(1, 12000) i;
CREATE TABLE "the parent" (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE "the ""child" (a int, "b's" int, FOREIGN KEY (a, "b's") REFERENCES "the parent");
CREATE TABLE "dead ones" (x int) WITH (autovacuum_enabled = off);
INSERT INTO "dead ones" SELECT i FROM generate_series(1, 30000) i;
DELETE FROM "dead ones" WHERE x > 10;
CREATE TABLE counted ("the id" serial PRIMARY KEY, s smallserial);
SELECT setval(pg_get_serial_sequence('{S}.counted', 'the id'), 1700000000);
SELECT setval(pg_get_serial_sequence('{S}.counted', 's'), 32000);
CREATE TABLE "given ids" (id int PRIMARY KEY);
INSERT INTO "given ids" SELECT i * 2000000 FROM generate_series(1, 1000) i;
ANALYZE "given ids";
CREATE TABLE "twice the same" (x int);
INSERT INTO "twice the same" VALUES (1), (1);
CREATE EXTENSION hstore VERSION '1.4';
CREATE EXTENSION pg_stat_statements SCHEMA {S};
GRANT CREATE, USAGE ON SCHEMA {S} TO PUBLIC;
CREATE ROLE "too ""much" LOGIN SUPERUSER PASSWORD 'x';
CREATE ROLE shop LOGIN;
GRANT ALL ON SCHEMA {S} TO shop;
ALTER TABLE "the parent" OWNER TO shop;
SELECT pg_create_physical_replication_slot('nobodys', true);
"""
LOOPS = f"""
DO $$ BEGIN FOR i IN 1..60 LOOP
    PERFORM count(x) FROM {S}."seldom indexed"; PERFORM count(x) FROM {S}."never indexed";
END LOOP; FOR i IN 1..80 LOOP PERFORM count(t) FROM {S}."big one"; END LOOP;
SET LOCAL enable_seqscan = off; PERFORM x FROM {S}."seldom indexed" WHERE id = 7;
END $$"""

# id: what stands in one finding of it, and the beginning of that one's statement
FOUND = {
    "invalid_index": ('not "there', 'REINDEX INDEX CONCURRENTLY "a ""schema"""."not ""there"'),
    "missing_index": ('"seldom indexed"', None),
    "sequential_only": ('"never indexed"', None),
    "foreign_key_index": ('"the ""child"', 'CREATE INDEX CONCURRENTLY ON "a ""schema"""."the ""child" (a, "b\'s")'),
    "unused_index": ('"empty\'s"', 'DROP INDEX CONCURRENTLY "a ""schema"""."empty\'s"'),
    "duplicate_index": ('"u ""2"', 'DROP INDEX CONCURRENTLY "a ""schema"""."u ""2"'),
    "covered_index": ('"u ""1"', 'DROP INDEX CONCURRENTLY "a ""schema"""."u ""1"'),
    "bloated_index": ('"empty\'s"', 'REINDEX INDEX CONCURRENTLY "a ""schema"""."empty\'s"'),
    "dead_rows": ('"dead ones"', 'VACUUM (ANALYZE) "a ""schema"""."dead ones"'),
    "autovacuum_off": ('"dead ones"', 'ALTER TABLE "a ""schema"""."dead ones" RESET'),
    "stale_statistics": ('"dead ones"', 'ANALYZE "a ""schema"""."dead ones"'),
    "table_size": ('"big one"', None),
    "transaction_ids": ("sick", "VACUUM (FREEZE)"),
    "multixacts": ("sick", "VACUUM (FREEZE)"),
    "sequence_end": ("counted_s_seq", 'ALTER TABLE "a ""schema""".counted ALTER COLUMN s TYPE bigint; ALTER SEQUENCE'),
    "integer_key": ('"given ids"', 'ALTER TABLE "a ""schema"""."given ids" ALTER COLUMN id TYPE bigint'),
    "blocked_sessions": ("pid ", "SELECT pg_catalog.pg_terminate_backend("),
    "idle_in_transaction": ("pid ", "SELECT pg_catalog.pg_terminate_backend("),
    "long_transactions": ("pid ", "SELECT pg_catalog.pg_terminate_backend("),
    "long_queries": ("pid ", "SELECT pg_catalog.pg_cancel_backend("),
    "prepared_transactions": ("it''s old", "ROLLBACK PREPARED 'it''s old'"),
    "connections": ("database sick", None),
    "slow_statements": ("queryid", None),
    "cache_hits": ("sick", None),
    "replication_slots": ("nobodys", "SELECT pg_catalog.pg_drop_replication_slot('nobodys')"),
    "durability": ("fsync", "ALTER SYSTEM SET fsync = on"),
    "checkpoints": ("max_wal_size", None),
    "memory": ("effective_cache_size", None),
    "extension_versions": ("hstore", "ALTER EXTENSION hstore UPDATE"),
    "role_rights": ('"too ""much"', 'ALTER ROLE "too ""much" NOSUPERUSER'),
    "table_owners": ("shop", None),
    "public_schema": ('"a ""schema"""', 'REVOKE CREATE ON SCHEMA "a ""schema""" FROM PUBLIC'),
    "open_access": ("pg_hba.conf line 1", None),
    "password_hashes": ('"too ""much"', None),
    "password_encryption": ("password_encryption", "ALTER SYSTEM SET password_encryption"),
    "tls": ("ssl", "ALTER SYSTEM SET ssl = on"),
}
# In tests of their own below; checksums is what the server was made with.
ELSEWHERE = {"autovacuum_busy", "replication_lag", "collation_versions", "checksums"}


@contextlib.contextmanager
def opened(bindir, binary, name, settings):
    """A server with that database, and a project on it."""
    folder, place, home = (system.make_folder(x) for x in ("server", "project", "home"))
    server = Server(folder, bindir)
    server.init(settings)
    server.start()
    program = Godwit(binary, home, {})
    try:
        database = server.create_database(name)
        yield database, Project(place, program, database.url)
    finally:
        program.end_all()
        server.stop("immediate")
        for path in (folder, place, home):
            shutil.rmtree(path, ignore_errors=True)


def diagnose(project, *words, **options):
    result = project.godwit("--json", "doctor", *words, **options)
    return result.json


def found(answer, check):
    return [f for f in answer["findings"] if f["id"] == check]


def in_background(connection, statement, threads):
    def run():
        with contextlib.suppress(psycopg2.Error), connection.cursor() as cursor:
            cursor.execute(statement)
    threads.append(threading.Thread(target=run))
    threads[-1].start()


def make_trouble(database):
    server = database.server
    database.execute(BEFORE)
    with contextlib.closing(database.connect()) as session, session.cursor() as cursor:
        cursor.execute(f'VACUUM {S}."half empty"')
        cursor.execute(f"CREATE TABLE {S}.held (x int); CREATE TABLE {S}.wanted (); INSERT INTO {S}.held VALUES (1)")
        # From here on nothing is frozen, and what is deleted stays.
        cursor.execute(f"BEGIN; SELECT FROM {S}.held FOR KEY SHARE; PREPARE TRANSACTION 'it''s old'")
        cursor.execute(TROUBLE)
        with pytest.raises(psycopg2.errors.UniqueViolation):
            cursor.execute(f'CREATE UNIQUE INDEX CONCURRENTLY "not ""there" ON {S}."twice the same" (x)')
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(LOOPS)
        cursor.execute(f"DO $$ BEGIN FOR i IN 1..11500 LOOP PERFORM FROM {S}.held FOR KEY SHARE; COMMIT; END LOOP; END $$")
        cursor.execute("DO $$ BEGIN FOR i IN 1..100000 LOOP PERFORM txid_current(); COMMIT; END LOOP; END $$")
        for _ in range(2):
            cursor.execute("SELECT pg_sleep(0.6)")
        for _ in range(12):
            cursor.execute("CHECKPOINT")
    server.access("host all all 10.0.0.0/8 trust")
    server.execute("ALTER DATABASE sick CONNECTION LIMIT 6")


@pytest.fixture(scope="module")
def sick(bindir, binary):
    with opened(bindir, binary, "sick", SICK) as (database, project):
        make_trouble(database)
        with sessions(database):
            yield database, project


@contextlib.contextmanager
def sessions(database):
    """One that sleeps in a transaction, one that holds a table, two that wait for it, and the shop."""
    threads, opens = [], [database.connect(autocommit=False) for _ in range(4)]
    shop = database.connect("shop", application_name="shop")
    sleeper, holder, first, second = opens
    try:
        for connection in (sleeper, holder):
            connection.cursor().execute("SELECT 1")
        holder.cursor().execute(f"LOCK TABLE {S}.wanted")
        in_background(sleeper, "SELECT pg_sleep(600)", threads)
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        in_background(first, f"LOCK TABLE {S}.wanted IN SHARE MODE", threads)
        until(lambda: database.server.execute(waiting)[0][0] == 1, 60, "the first who waits")
        in_background(second, f"LOCK TABLE {S}.wanted", threads)
        until(lambda: database.server.execute(waiting)[0][0] == 2, 60, "the second who waits")
        yield
    finally:
        for connection in (sleeper, first, second):
            connection.cancel()
        for thread in threads:
            thread.join()
        for connection in [*opens, shop]:
            connection.close()


@pytest.fixture(scope="module")
def diagnosis(sick):
    """The counters of some come later than what they count."""
    _, project = sick
    late = {"missing_index", "sequential_only", "dead_rows", "stale_statistics", "cache_hits", "checkpoints", "table_size",
            "connections"}
    answer = {}

    def there():
        answer.update(diagnose(project, "--longer-than", "0", code=3))
        return late <= {f["id"] for f in answer["findings"]}
    until(there, 60, "the counters of all that was done")
    return answer


@pytest.fixture(scope="module")
def well(bindir, binary):
    with opened(bindir, binary, "well", WELL) as (database, project):
        database.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        # The same tables, with what they lack above.
        database.execute("""
            CREATE TABLE parent (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n text UNIQUE);
            CREATE TABLE child (a bigint, b bigint REFERENCES parent, c bigint REFERENCES parent);
            CREATE INDEX ON child (b, a);
            CREATE INDEX ON child (c) WHERE c IS NOT NULL;
            INSERT INTO parent (n) SELECT i::text FROM generate_series(1, 12000) i;
            INSERT INTO child SELECT i, i, i FROM generate_series(1, 12000) i;
            CREATE EXTENSION hstore;
            CREATE ROLE shop LOGIN PASSWORD 'x';
            GRANT SELECT ON parent TO shop""")
        database.execute("ANALYZE")
        yield database, project


def test_every_check_is_tested(sick):
    _, project = sick
    listed = {c["id"] for c in project.godwit("--json", "doctor", "--list", code=0).json["checks"]}
    assert listed == set(FOUND) | ELSEWHERE


@pytest.mark.parametrize("check", sorted(FOUND))
def test_trouble_is_found(diagnosis, check):
    wanted, statement = FOUND[check]
    hits = [f for f in found(diagnosis, check) if wanted in f["object"].replace('""', '"') or wanted in f["object"]]
    assert hits, found(diagnosis, check)
    if statement:
        assert any((f["sql"] or "").startswith(statement) for f in hits), hits
    assert all(f["evidence"] and f["advice"] and f["severity"] in ("error", "warning", "note") for f in hits)


def test_a_superuser_sees_all(diagnosis):
    assert diagnosis["unseen"] == []
    assert diagnosis["checks"] == len(FOUND) + len(ELSEWHERE)


def test_who_waits_for_whom_is_a_tree(diagnosis, sick):
    tree = [f["object"] for f in found(diagnosis, "blocked_sessions")]
    assert len(tree) >= 3 and all(o == tree[0] or o.startswith(tree[0] + " > ") for o in tree)
    assert max(o.count(">") for o in tree) >= 1


def test_nothing_is_found_where_all_is_well(well):
    database, project = well
    answer = diagnose(project, code=0)
    expected = {"checksums"} if database.value("SHOW data_checksums") == "off" else set()
    # What the machine of the test has is its own business: shared_buffers are small here.
    assert {f["id"] for f in answer["findings"] if f["id"] != "memory"} == expected, answer["findings"]
    assert {f["severity"] for f in found(answer, "memory")} <= {"note"}
    assert answer["unseen"] == [{"id": "slow_statements", "partly": False,
                                 "why": "pg_stat_statements is not installed in this database"}]


def test_what_a_role_cannot_see_is_said_by_check(sick, diagnosis):
    database, project = sick
    database.execute("CREATE ROLE watcher LOGIN; GRANT pg_monitor TO watcher; CREATE ROLE nobody_much LOGIN")
    seen = {}
    for role in ("watcher", "nobody_much"):
        answer = diagnose(project, "--longer-than", "0", "--url", database.url_for(role))
        seen[role] = answer
        hidden = {u["id"]: u["partly"] for u in answer["unseen"]}
        assert all(u["why"] for u in answer["unseen"])
        assert hidden.items() >= {"password_hashes": False, "open_access": False, "bloated_index": True,
                                  "integer_key": True, "sequence_end": True}.items()
    assert {u["id"] for u in seen["watcher"]["unseen"]} == {"password_hashes", "open_access", "bloated_index",
                                                            "integer_key", "sequence_end"}
    assert found(seen["watcher"], "idle_in_transaction")
    assert {"idle_in_transaction", "long_queries", "blocked_sessions", "tls"} <= {
        u["id"] for u in seen["nobody_much"]["unseen"]}
    assert not found(seen["nobody_much"], "idle_in_transaction")
    assert found(seen["nobody_much"], "duplicate_index") == found(diagnosis, "duplicate_index")


def test_a_check_that_would_wait_is_said(sick):
    database, project = sick
    with contextlib.closing(database.connect(autocommit=False)) as other:
        other.cursor().execute(f"ALTER SEQUENCE {S}.counted_s_seq INCREMENT 1")
        answer = diagnose(project, "--check", "sequence_end", "--timeout", "200ms", code=0)
        assert [u["id"] for u in answer["unseen"]] == ["sequence_end"]
        said = project.godwit("doctor", "--check", "sequence_end", "--timeout", "1ms", code=0).out
        assert "not looked at by sequence_end: " in said


def test_words_that_are_wrong(project):
    assert "there is no check called nonsense" in project.godwit("doctor", "--check", "nonsense", code=2).err
    said = project.godwit("doctor", "--fix", "unused_index", code=2).err
    assert "not put right by itself" in said and "doctor --check unused_index" in said
    assert "--timeout has to be" in project.godwit("doctor", "--timeout", "0", code=2).err
    said = project.godwit("doctor", "--check", "checksums", "--check", "durability", code=3).out
    assert "error: settings that give up what was committed (durability)" in said
    assert said.rstrip().splitlines()[-1].startswith("2 checks: 2 errors, ")


def test_what_is_safe_is_put_right_and_in_the_audit(project, database):
    database.execute("""CREATE TABLE "t's" (x int); INSERT INTO "t's" SELECT 1 FROM generate_series(1, 3)""")
    for _ in range(2):  # the second leaves a second index
        with pytest.raises(psycopg2.errors.UniqueViolation):
            database.execute("""CREATE UNIQUE INDEX CONCURRENTLY "i's" ON "t's" (x)""" if _ == 0
                             else """REINDEX INDEX CONCURRENTLY "i's\"""")
    before = diagnose(project, "--check", "invalid_index", code=3)["findings"]
    assert {f["sql"].split(" ")[0] for f in before} == {"REINDEX", "DROP"}
    failed = project.godwit("doctor", "--fix", "invalid_index", code=1)
    assert "could not create unique index" in failed.err and 'invalid_index of public."i\'s"' in failed.err
    database.execute("""DELETE FROM "t's" WHERE ctid <> '(0,1)'""")
    answer = diagnose(project, "--fix", "invalid_index", "--check", "invalid_index", code=0)
    assert answer["findings"] == [] and answer["fixed"]
    assert database.value("""SELECT indisvalid FROM pg_index WHERE indexrelid = '"i''s"'::regclass""")
    outcomes = [r[0] for r in database.query(
        "SELECT outcome FROM godwit.events WHERE action = 'doctor' ORDER BY id")]
    assert outcomes.count("failed") == 1 and outcomes[-1] == "ok"
    assert diagnose(project, "--fix", "invalid_index", "--check", "invalid_index", code=0)["fixed"] == []


def test_a_protected_environment_has_to_be_named_for_a_fix(project, database):
    project.config({"project": "test", "migrations": "migrations", "environments": {
        "prod": {"url": database.url, "protected": True}}})
    project.godwit("doctor", "--check", "checksums", code=0)
    assert "--protected prod" in project.godwit("doctor", "--fix", "dead_rows", code=5).err
    project.godwit("--protected", "prod", "doctor", "--fix", "dead_rows", "--check", "dead_rows", code=0)


def test_a_replica_that_is_behind(replicated_server, make_project):
    primary, standby = replicated_server
    primary.execute("CREATE TABLE seen (x int)")
    until(lambda: primary.caught_up(standby), 60, "the replica to have caught up")
    project = make_project(standby.url())
    assert diagnose(project, "--check", "replication_lag")["findings"] == []
    assert {u["id"] for u in diagnose(project)["unseen"]} <= {"slow_statements"}
    standby.execute("SELECT pg_wal_replay_pause()")
    primary.execute("CREATE TABLE unseen (x int)")
    findings = until(lambda: diagnose(project, "--check", "replication_lag", "--longer-than", "0")["findings"], 60,
                     "the replica's word of its lag")
    assert [f["object"] for f in findings] == ["this replica"]
    standby.execute("SELECT pg_wal_replay_resume()")


def test_a_replica_that_the_primary_sees_behind(replicated_server, make_project):
    primary, standby = replicated_server
    project = make_project(primary.url())
    primary.execute("CREATE TABLE seen (x int)")
    until(lambda: primary.caught_up(standby), 60, "the replica to have caught up")
    standby.execute("SELECT pg_wal_replay_pause()")
    assert diagnose(project, "--check", "replication_lag")["findings"] == []
    primary.execute("ALTER SYSTEM SET max_wal_size = '2GB'")  # or a checkpoint takes away what the replica has not fetched
    primary.execute("SELECT pg_reload_conf()")
    size = primary.execute("SELECT pg_size_bytes(current_setting('wal_segment_size'))")[0][0]
    for _ in range(80 * 1024 * 1024 // size):
        primary.execute("INSERT INTO seen VALUES (1)")
        primary.execute("SELECT pg_switch_wal()")
    findings = until(lambda: diagnose(project, "--check", "replication_lag")["findings"], 60, "the log that the replica has not replayed")
    assert len(findings) == 1 and "MB of log behind" in findings[0]["evidence"] and findings[0]["object"] != "this replica"
    standby.execute("SELECT pg_wal_replay_resume()")
    until(lambda: diagnose(project, "--check", "replication_lag")["findings"] == [], 60, "the replica to have caught up")


def test_autovacuum_with_more_tables_than_workers(make_server, make_project):
    """Its only worker sleeps after each page of the first table; the others wait."""
    server = make_server("autovacuum_max_workers = 1\nautovacuum_naptime = 1s\nautovacuum_vacuum_cost_delay = 100ms\nautovacuum_vacuum_cost_limit = 1\nautovacuum = off\n")
    database = server.create_database()
    project = make_project(database.url)
    for i in range(4):
        database.execute(f"CREATE TABLE t{i} (x int, y text); INSERT INTO t{i} SELECT i, repeat('x', 400) FROM generate_series(1, 9000) i")
        database.execute(f"DELETE FROM t{i} WHERE x % 2 = 0")
    until(lambda: database.value("SELECT count(*) FROM pg_stat_user_tables WHERE n_dead_tup > 4000") == 4, 60, "the counters")
    assert diagnose(project, "--check", "autovacuum_busy")["findings"] == []  # there is no worker at all: another check's
    server.execute("ALTER SYSTEM SET autovacuum = on")
    server.execute("SELECT pg_reload_conf()")
    findings = until(lambda: diagnose(project, "--check", "autovacuum_busy")["findings"], 60, "the worker at work")
    assert findings[0]["evidence"].startswith("all 1 workers are busy, and ")


def test_a_database_whose_collation_has_changed(server, make_project):
    if server.major < 15:
        pytest.skip("a database has a version of its collation from PostgreSQL 15 on")
    try:
        database = server.create_database(options="LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C' ENCODING 'UTF8'")
    except psycopg2.Error:
        pytest.skip("this server is built without ICU")
    try:
        project = make_project(database.url)
        assert diagnose(project, "--check", "collation_versions", code=0)["findings"] == []
        database.execute("UPDATE pg_database SET datcollversion = '0.1' WHERE datname = current_database()")
        findings = diagnose(project, "--check", "collation_versions", code=0)["findings"]
        assert [f["object"] for f in findings] == [f"database {database.name}"] and "version 0.1 of its collation" in findings[0]["evidence"]
        database.execute(findings[0]["sql"])
        assert diagnose(project, "--check", "collation_versions", code=0)["findings"] == []
    finally:
        server.drop_database(database.name)


def test_a_collation_whose_library_has_changed(project, database):
    names = database.query("SELECT quote_ident(collname) FROM pg_collation WHERE collname <> 'default'"
                           " AND pg_collation_actual_version(oid) IS NOT NULL ORDER BY 1 LIMIT 1")
    if not names:
        pytest.skip("no collation of this server has a version")
    database.execute(f"CREATE TABLE t (x text COLLATE {names[0][0]}); CREATE INDEX ON t (x)")
    assert diagnose(project, "--check", "collation_versions", code=0)["findings"] == []
    database.execute("UPDATE pg_collation SET collversion = '0.1' WHERE pg_collation_actual_version(oid) IS NOT NULL")
    findings = diagnose(project, "--check", "collation_versions", code=0)["findings"]
    assert [f["sql"] for f in findings] == [f"ALTER COLLATION pg_catalog.{names[0][0]} REFRESH VERSION"]


def test_the_page_of_checks_is_what_the_program_prints(project):
    written = (ROOT / "docs/reference/doctor-checks.md").read_text()
    assert project.godwit("doctor", "--markdown", code=0).out == written, \
        "run: build/godwit doctor --markdown > docs/reference/doctor-checks.md"
