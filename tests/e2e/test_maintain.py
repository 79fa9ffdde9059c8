"""Upkeep: the frame (what is due, one at a time, beside no migration), statements, retention, vacuum, backups."""
import json
import pathlib
import signal

import pytest

from harness import gwb, system
from harness.examples import kembridge  # noqa: F401 (fixture)
from harness.waiting import until


def configure(project, database, maintain, **more):
    project.config({"project": "test", "migrations": "migrations", "default": "test",
                    "environments": {"test": {"url": database.url}}, "maintain": maintain, **more})


def maintain(project, *words, code=0, **options):
    said = project.godwit("--json", "maintain", *words, code=code, **options)
    return json.loads(said.out)


def outcomes(said):
    return {(s["action"], s["object"]): s["outcome"] for s in said["steps"]}


def events(database):
    return database.execute("SELECT name, outcome FROM godwit.events WHERE action = 'maintain' ORDER BY id")


def test_nothing_declared_is_nothing_done(project, database):
    assert maintain(project) == {"steps": [], "done": 0, "skipped": 0, "left": 0, "failed": 0}
    assert project.godwit("maintain", code=0).out == "nothing to do\n"


def test_a_dry_run_makes_not_even_godwits_tables(project, database):
    configure(project, database, {"statements": {"x": "CREATE TABLE public.x ()"}, "backups": {"every": "1d", "verify": "1d"}})
    said = maintain(project, "--dry-run")
    assert outcomes(said) == {("statements", "x"): "would", ("backup", database.name): "would"}
    assert said["steps"][0]["sql"] == "CREATE TABLE public.x ()"
    assert database.value("SELECT to_regnamespace('godwit')") is None and database.tables() == []


def test_statements_run_when_they_are_due(project, database):
    database.execute("CREATE TABLE public.ticks (who text); CREATE SCHEMA \"its own\"; "
                     "CREATE TABLE \"its own\".here (x int)")
    database.execute(f'ALTER DATABASE "{database.name}" SET search_path = "its own", public')
    configure(project, database, {"statements": {
        "always ✓": "INSERT INTO here VALUES (1), (2)",
        "now and then": {"sql": "INSERT INTO public.ticks VALUES ('it''s $1 ${HOME}')", "every": "1 month"},
        "broken": {"sql": "SELECT 1/0", "every": "1h"}}})
    said = maintain(project, code=1)
    assert outcomes(said) == {("statements", "always ✓"): "done", ("statements", "now and then"): "done",
                              ("statements", "broken"): "failed"}
    assert said["steps"][0]["detail"] == "2 rows"
    assert "division by zero" in said["error"]["message"] and said["error"]["where"].startswith("godwit.yaml:")
    assert (said["done"], said["failed"]) == (2, 1)
    assert events(database) == [("statements always ✓", "ok"), ("statements now and then", "ok"), ("statements broken", "failed")]
    # What failed is due still; what was done a moment ago is not.
    said = maintain(project, code=1)
    assert outcomes(said) == {("statements", "always ✓"): "done", ("statements", "broken"): "failed"}
    assert database.execute("SELECT who FROM public.ticks") == [("it's $1 ${HOME}",)]
    assert database.value('SELECT count(*) FROM "its own".here') == 4
    assert "upkeep has no action" in project.godwit("maintain", "--only", "statement", code=2).err
    assert outcomes(maintain(project, "--only", "vacuum")) == {}


def test_what_runs_too_long_is_left_to_the_next_run(project, database):
    configure(project, database, {"statements": {"slow": "SELECT pg_sleep(600)", "after": "SELECT 1"}})
    assert outcomes(maintain(project, "--budget", "0", "--only", "vacuum")) == {}
    said = maintain(project, "--budget", "300ms")
    assert outcomes(said) == {("statements", "slow"): "left", ("statements", "after"): "left"}
    assert said["left"] == 2 and events(database) == []


def test_a_statement_gives_way_to_who_has_the_lock(project, database):
    database.execute("CREATE TABLE public.t (x int)")
    configure(project, database, {"lock_timeout": "100ms", "statements": {"add": "ALTER TABLE public.t ADD y int"}})
    with database.connect(autocommit=False) as other:
        other.cursor().execute("LOCK public.t")
        said = maintain(project, code=1)
    assert outcomes(said) == {("statements", "add"): "failed"} and "lock" in said["steps"][0]["detail"]
    assert outcomes(maintain(project)) == {("statements", "add"): "done"}


def test_beside_a_migration_it_is_skipped(project, database):
    configure(project, database, {"statements": {"x": "SELECT 1"}})
    project.migration(1, "slow", "SELECT pg_sleep(600)")
    run = project.start("up")
    until(lambda: database.execute("SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query ~ 'pg_sleep.600' AND datname = current_database() "
                                   "AND pid <> pg_backend_pid()"), what="the migration")
    said = maintain(project, code=7)
    assert outcomes(said) == {("statements", "x"): "skipped"} and "godwit up" in said["steps"][0]["detail"]
    run.process.kill()
    run.process.wait(60)
    database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
    until(lambda: outcomes(json.loads(project.godwit("--json", "maintain").out)) == {("statements", "x"): "done"}, 60, "the end of the run")


def test_two_are_never_at_work_at_once(project, database):
    configure(project, database, {"statements": {"x": "SELECT pg_sleep(600)"}})
    first = project.start("maintain")
    until(lambda: database.execute("SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query ~ 'pg_sleep.600' AND datname = current_database() "
                                   "AND pid <> pg_backend_pid()"), what="the first one")
    said = project.godwit("maintain", code=7)
    assert "upkeep is under way in this database already" in said.err
    first.process.kill()
    first.process.wait(60)
    database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
    configure(project, database, {"statements": {"x": "SELECT 1"}})
    until(lambda: project.godwit("maintain").code == 0, 60, "the first one's session to be gone")


def test_a_protected_environment_has_to_be_named(project, database):
    configure(project, database, {"statements": {"x": "SELECT 1"}})
    project.config(project.read("godwit.yaml").replace('"url"', '"protected": true, "url"'))
    assert "--protected test" in project.godwit("maintain", code=5).err
    project.godwit("maintain", "--dry-run", code=0)
    project.godwit("maintain", "--protected", "test", code=0)


def test_again_and_again(project, database):
    database.execute("CREATE TABLE public.ticks (x int)")
    configure(project, database, {"statements": {"tick": "INSERT INTO public.ticks VALUES (1)", "broken": "SELECT 1/0"}})
    run = project.start("--json", "maintain", "--every", "20ms")
    until(lambda: database.value("SELECT count(*) FROM public.ticks") >= 3, what="three rounds")
    run.process.send_signal(signal.SIGINT)
    out, _ = run.process.communicate(timeout=60)
    lines = [json.loads(line) for line in (out if isinstance(out, str) else out.decode()).splitlines()]
    assert run.process.returncode == 6 and len(lines) >= 3
    assert outcomes(lines[0]) == {("statements", "tick"): "done", ("statements", "broken"): "failed"}
    assert "division by zero" in lines[0]["error"]["message"]


BAD = """project: test
maintain:
  lock_timeout: soon
  wakuum: true
  archive: ""
  partitions:
    - { table: public.a, every: fortnight }
    - { every: month }
    - { table: public.n, every: 1000, ahead: 3 months }
    - { table: public.t, every: month, keep: ever }
    - { table: public.c, every: month, keep: 3 mouths }
    - { table: public.d, every: 1 month }
    - { table: public.d, every: month }
  statements:
    s: { every: 5min }
    t: [a]
  retention: { logs: 90 }
  backups: { every: never }
"""
PROBLEMS = ["3:17", "4:3", "5:12", "7:33", "8:9", "9:9", "10:46", "11:46", "13:9", "15:5", "16:5", "17:22", "18:21"]


def test_what_is_wrong_in_godwit_yaml_is_told_by_place(project):
    project.config(BAD)
    said = project.godwit("maintain", code=2).err
    for place in PROBLEMS:
        assert f"godwit.yaml:{place}" in said, f"{place}\n{said}"
    assert said.count("godwit.yaml:") == len(PROBLEMS) + 1  # the first one stands in front as well
    assert 'did you mean "vacuum"?' in said


# ---- retention --------------------------------------------------------------------------------------------

OLD = """
CREATE FUNCTION pg_temp.some(days int) RETURNS timestamptz LANGUAGE sql AS $$ SELECT now() - make_interval(days => days) $$;
ALTER TABLE godwit.migration_status_tracking DISABLE TRIGGER USER; ALTER TABLE godwit.migration_control DISABLE TRIGGER USER;
ALTER TABLE godwit.migration_checkpoints DISABLE TRIGGER USER;
INSERT INTO godwit.schema_mapping_definitions (id, entity_type, source_table, destination_table, field_mappings, validation_rules,
    transformation_functions, version, body, body_hash, described)
  VALUES (md5('m')::uuid, 'a "b"', 's', 'd', '[]', '[]', '[]', '1.0.0', 'x', repeat('0', 64), '{}');
INSERT INTO godwit.migration_status_tracking (id, migration_session_id, overall_status, started_at, completed_at)
  VALUES (md5('1')::uuid, md5('ended')::uuid, 'completed', pg_temp.some(200), pg_temp.some(40)),
         (md5('2')::uuid, md5('open')::uuid, 'paused', pg_temp.some(200), NULL),
         (md5('3')::uuid, md5('young')::uuid, 'completed', pg_temp.some(200), pg_temp.some(10));
INSERT INTO godwit.differential_analysis_results (id, analysis_group, entity_type, kind, mapping_id, analysis_timestamp, source_record_count,
    destination_record_count, method, created_at)
  SELECT md5(name)::uuid, md5(name)::uuid, 'a "b"', kind, md5('m')::uuid, pg_temp.some(days), 1, 1, 'checksum', pg_temp.some(days)
  FROM (VALUES ('of ended', 'detection', 100), ('of open', 'detection', 100), ('of nobody', 'detection', 99), ('young', 'detection', 10),
               ('newest baseline', 'baseline', 300), ('older baseline', 'baseline', 301), ('of young', 'detection', 90)) AS v (name, kind, days);
INSERT INTO godwit.differential_changes (analysis_id, number, kind, keys, key_count) VALUES (md5('of nobody')::uuid, 1, 'n', '{a}', 1);
INSERT INTO godwit.migration_control (run_id, migration_session_id, entity_type, mapping_id, analysis_id, status, started_at, ended_at)
  SELECT md5(s)::uuid, md5(s)::uuid, 'a "b"', md5('m')::uuid, md5('of ' || s)::uuid, CASE s WHEN 'open' THEN 'paused' ELSE 'completed' END,
         pg_temp.some(100), CASE WHEN s <> 'open' THEN pg_temp.some(40) END
  FROM unnest('{ended,open,young}'::text[]) AS s;
INSERT INTO godwit.migration_checkpoints (id, entity_type, migration_run_id, migration_session_id, analysis_id, mapping_id, state, updated_at)
  SELECT md5(s)::uuid, 'a "b"', md5(s)::uuid, md5(s)::uuid, md5('of ' || s)::uuid, md5('m')::uuid, 'completed', pg_temp.some(40)
  FROM unnest('{ended,open,young}'::text[]) AS s;
INSERT INTO godwit.migration_execution_logs (id, migration_session_id, checkpoint_id, operation_type, log_level, message, "timestamp", created_at)
  SELECT md5('l' || i)::uuid, md5('ended')::uuid, md5('ended')::uuid, 'record_migration', 'info', E'line\\t\\\\ "' || i || E'"\\nü',
         pg_temp.some(91), pg_temp.some(91) FROM generate_series(1, 4500) AS i;
INSERT INTO godwit.migration_execution_logs (id, migration_session_id, operation_type, log_level, message, "timestamp", created_at)
  VALUES (md5('kept')::uuid, md5('ended')::uuid, 'record_migration', 'info', 'kept', pg_temp.some(89), pg_temp.some(89));
INSERT INTO godwit.sync_marks (entity_type, number, method, mapping_id, mark, taken_at, created_at)
  VALUES ('a "b"', 1, 'checksum', md5('m')::uuid, '{}', pg_temp.some(900), pg_temp.some(900));
INSERT INTO godwit.sync_segments VALUES ('a "b"', 1, 0, 1, 1, 1, '');
INSERT INTO godwit.sync_departed (entity_type, key, destination_hash, gone_at)
  VALUES ('a "b"', 'old', 1, pg_temp.some(366)), ('a "b"', 'young', 1, pg_temp.some(364));
"""
PARTS = pathlib.Path(__file__).resolve().parents[2] / "sql/control/differential"


def make_runs(project, database):
    """The tables of runs, as a first `sync` makes them, with an old life in them."""
    project.godwit("maintain", code=0)
    database.execute((PARTS.parent / "part_make.sql").read_text())
    for script in sorted(PARTS.glob("*.sql")):
        database.execute(script.read_text())
        database.execute("INSERT INTO godwit.parts (part, number, name, applied_by) VALUES ('differential', %s, %s, 'a test')",
                         [int(script.name[:3]), script.stem])
    with database.connect() as connection:
        connection.cursor().execute(OLD)


@pytest.mark.parametrize("secret", [{}, {"GODWIT_PASSPHRASE": "horse"}], ids=["open", "encrypted"])
def test_what_is_old_goes_and_the_rest_stays(project, database, secret):
    configure(project, database, {"archive": "old logs"})
    make_runs(project, database)
    would = maintain(project, "--dry-run", env=secret)
    assert outcomes(would) == {("retention", "logs"): "would", ("retention", "checkpoints"): "would", ("retention", "analyses"): "would",
                               ("retention", "departed"): "would"}
    said = maintain(project, env=secret)
    assert outcomes(said) == {("retention", "logs"): "done", ("retention", "checkpoints"): "done", ("retention", "analyses"): "done",
                              ("retention", "departed"): "done"}
    files = list((project / "old logs").iterdir())
    assert len(files) == 1 and files[0].name.startswith("logs-")
    read = gwb.read(files[0], secret.get("GODWIT_PASSPHRASE"))
    lines = [json.loads(line) for line in read.plain.decode().splitlines()]
    assert len(lines) == 4500 and {line["message"] for line in lines} == {f'line\t\\ "{i}"\nü' for i in range(1, 4501)}
    assert database.execute("SELECT message FROM godwit.migration_execution_logs") == [("kept",)]
    left = database.execute("SELECT id FROM godwit.migration_checkpoints")
    names = {database.value("SELECT md5(%s)::uuid::text", [n]): n for n in
             ("ended", "open", "young", "of ended", "of open", "of young", "of nobody", "newest baseline", "older baseline")}
    assert {names[str(i)] for i, in left} == {"open", "young"}
    kept = {names.get(str(i)) for i, in database.execute("SELECT id FROM godwit.differential_analysis_results")}
    assert kept == {"of open", "of young", "young", "newest baseline"}
    assert database.value("SELECT count(*) FROM godwit.migration_status_tracking") == 3
    assert database.value("SELECT count(*) FROM godwit.migration_control") == 3
    assert database.value("SELECT count(*) FROM godwit.sync_marks") == 1
    assert database.value("SELECT count(*) FROM godwit.sync_segments") == 1
    assert database.value("SELECT count(*) FROM godwit.differential_changes") == 0
    assert database.execute("SELECT key FROM godwit.sync_departed") == [("young",)]
    assert outcomes(maintain(project, env=secret)) == {}


def test_a_log_that_cannot_be_archived_stays(project, database):
    configure(project, database, {"archive": "godwit.yaml/under a file"})
    make_runs(project, database)
    said = maintain(project, code=1)
    assert outcomes(said)[("retention", "logs")] == "failed"
    assert database.value("SELECT count(*) FROM godwit.migration_execution_logs") == 4501


def test_upkeeps_own_entries_grow_old_too(project, database):
    configure(project, database, {"statements": {"a": "SELECT 1", "b": {"sql": "SELECT 1", "every": "1y"}}})
    project.migration(1, "x", "CREATE TABLE public.x ()")
    project.godwit("up", code=0)
    for _ in range(3):
        maintain(project)
    with database.connect() as connection:
        connection.cursor().execute("SET session_replication_role = replica; UPDATE godwit.events SET at = at - interval '91 days'")
    applied = database.execute("SELECT * FROM godwit.events WHERE action <> 'maintain' ORDER BY id")
    said = maintain(project, "--only", "retention")
    assert outcomes(said) == {("retention", "upkeep"): "done"} and said["steps"][0]["detail"].startswith("2 entries")
    assert events(database) == [("statements b", "ok"), ("statements a", "ok"), ("retention upkeep", "ok")]
    assert database.execute("SELECT * FROM godwit.events WHERE action <> 'maintain' ORDER BY id") == applied
    assert outcomes(maintain(project, "--only", "statements")) == {("statements", "a"): "done"}


# ---- vacuum, indexes, backups --------------------------------------------------------------------------------

def test_dead_rows_and_broken_indexes(project, database):
    database.execute("""
        CREATE SCHEMA "a ""b"; CREATE TABLE "a ""b"."t 'x" (x int) WITH (autovacuum_enabled = off);
        INSERT INTO "a ""b"."t 'x" SELECT i / 2 FROM generate_series(1, 30000) i; DELETE FROM "a ""b"."t 'x" WHERE x > 10""")
    with pytest.raises(Exception):
        database.execute('CREATE UNIQUE INDEX CONCURRENTLY "not ""there" ON "a ""b"."t \'x" (x)')
    database.execute('DELETE FROM "a ""b"."t \'x" a USING "a ""b"."t \'x" b WHERE a.x = b.x AND a.ctid > b.ctid')
    until(lambda: database.value("SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 't ''x'") > 20000, what="the counters")
    said = maintain(project)
    assert outcomes(said) == {("vacuum", '"a ""b"."t \'x"'): "done", ("reindex", '"a ""b"."not ""there"'): "done"}
    assert database.value("SELECT bool_and(indisvalid) FROM pg_index WHERE indrelid = '\"a \"\"b\".\"t ''x\"'::regclass")
    until(lambda: database.value("SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 't ''x'") == 0, what="the counters")
    assert "reindex" not in {s["action"] for s in maintain(project)["steps"]}
    configure(project, database, {"vacuum": False, "reindex": False})
    assert outcomes(maintain(project)) == {}


def test_backups_on_a_schedule(project, database, server):
    if server.major > system.PG_DUMP_MAJOR:
        pytest.skip("pg_dump here is older than the server")
    database.execute("CREATE TABLE public.t AS SELECT 1 AS x")
    configure(project, database, {"backups": {"every": "1d", "verify": "1w", "prune": True}}, backup={"keep": 1})
    said = maintain(project)
    assert outcomes(said) == {("backup", database.name): "done", ("verify", database.name): "done"}
    listed = project.godwit("backups", "list", "--json", code=0).json["backups"]
    assert len(listed) == 1 and listed[0]["verified_at"]
    assert outcomes(maintain(project)) == {}
    project.godwit("backup", code=0)
    project.godwit("backup", code=0)
    # The newest one is not proven, so the proven one stays beside it.
    said = maintain(project)
    assert outcomes(said) == {("prune", "backups"): "done"}
    left = project.godwit("backups", "list", "--json", code=0).json["backups"]
    assert len(left) == 2 and listed[0]["id"] in {b["id"] for b in left}
    # Another project's backup of the same database is another's to prove.
    project.config({"project": "other", "migrations": "migrations", "environments": {"test": {"url": database.url}}})
    project.godwit("backup", code=0)
    configure(project, database, {"backups": {"verify": "1s"}})
    [step] = maintain(project, "--only", "verify")["steps"]
    assert step["outcome"] == "done" and step["detail"].startswith(left[0]["id"])
    configure(project, database, {"backups": {"prune": True}})
    assert "nothing says which backups are to be kept" in project.godwit("maintain", code=2).err


# ---- the example --------------------------------------------------------------------------------------------

def test_kembridge_is_kept_in_order(kembridge, server, godwit, tmp_path):
    kembridge.example.copy(tmp_path)
    stuck, well = (kembridge.transaction(kembridge.user()) for _ in range(2))
    kembridge.run("ALTER TABLE transactions DISABLE TRIGGER USER; "
                  "UPDATE transactions SET created_at = now() - interval '2 days', expires_at = now() - interval '1 day' WHERE id = '%s'; "
                  "ALTER TABLE transactions ENABLE TRIGGER USER" % stuck, role="postgres")
    said = kembridge.example.run(godwit.binary, server, tmp_path, "--json", "maintain", "--only", "statements",
                                 url=kembridge.database.url_for(kembridge.example.owner))
    assert set(outcomes(json.loads(said.out)).values()) == {"done"} and len(json.loads(said.out)["steps"]) == 4
    states = dict(kembridge.run("SELECT id::text, status FROM transactions", role="postgres"))
    assert states[str(stuck)] == "expired" and states[str(well)] == "pending"
