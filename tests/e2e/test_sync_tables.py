"""The tables for rows that are moved: each rule, relation, index and step between states, with something that tries to
break it."""
import json
import pathlib
import threading
import uuid

import psycopg2
import pytest

from harness.blocking import holding, lock_waiters
from harness.waiting import until

SQL = pathlib.Path(__file__).resolve().parents[2] / "sql" / "control"


@pytest.fixture
def made(database):
    """The tables, a mapping, an analysis, a session, a run and a checkpoint in them."""
    for folder in ("upgrades", "differential"):
        for file in sorted((SQL / folder).glob("*.sql")):
            database.execute(file.read_text())
    database.ids = {}
    for name in ("mapping", "other", "analysis", "session", "run", "checkpoint"):
        database.ids[name] = str(uuid.uuid4())
    definition(database, "mapping", "doctors", active=True)
    definition(database, "other", "patients")
    insert(database, "differential_analysis_results", **analysis(database))
    insert(database, "migration_status_tracking", id=new(), migration_session_id=database.ids["session"])
    insert(database, "migration_control", run_id=database.ids["run"], migration_session_id=database.ids["session"],
           entity_type="doctors", mapping_id=database.ids["mapping"], analysis_id=database.ids["analysis"])
    insert(database, "migration_checkpoints", **checkpoint(database, id=database.ids["checkpoint"]))
    return database


def new():
    return str(uuid.uuid4())


def insert(database, table, **values):
    columns = ", ".join(f'"{c}"' for c in values)
    database.execute(f"INSERT INTO godwit.{table} ({columns}) VALUES ({', '.join(['%s'] * len(values))})",
                     [json.dumps(v) if isinstance(v, (dict, tuple)) else v for v in values.values()])


def definition(database, name, entity, version="1.0.0", active=False, **other):
    values = dict(id=database.ids.setdefault(name, new()), entity_type=entity, source_table="s", destination_table="d",
                  field_mappings=(), validation_rules=(), transformation_functions=(), version=version, is_active=active,
                  body="x", body_hash="0" * 64, described={})
    insert(database, "schema_mapping_definitions", **{**values, **other})


def analysis(database, **other):
    values = dict(id=database.ids["analysis"], analysis_group=new(), entity_type="doctors", mapping_id=database.ids["mapping"],
                  analysis_timestamp="2026-01-02T00:00:00Z", source_record_count=200, destination_record_count=10,
                  new_count=3, modified_count=2, deleted_count=1, method="checksum")
    return {**values, **other}


def checkpoint(database, **other):
    values = dict(id=new(), entity_type="doctors", migration_run_id=database.ids["run"],
                  migration_session_id=database.ids["session"], analysis_id=database.ids["analysis"],
                  mapping_id=database.ids["mapping"])
    return {**values, **other}


def log(database, **other):
    values = dict(id=new(), migration_session_id=database.ids["session"], checkpoint_id=database.ids["checkpoint"],
                  entity_type="doctors", operation_type="record_migration", log_level="info", message="m")
    return {**values, **other}


CHECK, FOREIGN, UNIQUE, NOT_NULL, STEP = "23514", "23503", "23505", "23502", "GW002"


def refused(sqlstate, call, *words, **named):
    with pytest.raises(psycopg2.Error) as problem:
        call(*words, **named)
    assert problem.value.pgcode == sqlstate, problem.value


# ---- rules that a single row breaks ------------------------------------------------------------------


ANALYSES = [
    (CHECK, dict(source_record_count=-1, new_count=0, modified_count=0)), (CHECK, dict(destination_record_count=-1)),
    (CHECK, dict(new_count=-1)), (CHECK, dict(modified_count=-1)), (CHECK, dict(deleted_count=-1)),
    (CHECK, dict(new_count=150, modified_count=51)), (CHECK, dict(last_migration_timestamp="2026-01-02T00:00:00Z")),
    (CHECK, dict(last_migration_timestamp="2027-01-02T00:00:00Z")), (CHECK, dict(method="guess")), (CHECK, dict(method=None)),
    (CHECK, dict(kind="guess")), (CHECK, dict(analysis_metadata=())), (CHECK, dict(estimated_duration_ms=-1)),
    (FOREIGN, dict(mapping_id="00000000-0000-0000-0000-000000000000")), (FOREIGN, dict(entity_type="patients")),
    (NOT_NULL, dict(analysis_timestamp=None)), (CHECK, dict(entity_type="")),
]


@pytest.mark.many
@pytest.mark.parametrize("state, wrong", ANALYSES, ids=[str(a[1]) for a in ANALYSES])
def test_an_analysis_that_cannot_be(made, state, wrong):
    refused(state, insert, made, "differential_analysis_results", **analysis(made, id=new(), **wrong))


def test_derived_figures_are_derived(made):
    read = "SELECT total_changes, change_percentage FROM godwit.differential_analysis_results WHERE id = %s"
    assert [float(v) for v in made.execute(read, [made.ids["analysis"]])[0]] == [5, 2.5]
    insert(made, "differential_analysis_results", **analysis(made, id=made.ids["other"], source_record_count=0, new_count=0,
                                                              modified_count=0, kind="baseline", method=None))
    assert [float(v) for v in made.execute(read, [made.ids["other"]])[0]] == [0, 0]
    refused("428C9" if made.value("SHOW server_version_num") >= "140000" else "42601", made.execute, "UPDATE godwit.differential_analysis_results SET total_changes = 1")
    big = analysis(made, id=new(), source_record_count=9 * 10**12, new_count=5 * 10**12)
    insert(made, "differential_analysis_results", **big)  # no limit of a million


SESSIONS = [
    (CHECK, "entities_pending = '{a}', entities_running = '{a,b}'"), (CHECK, "entities_completed = '{a}', entities_failed = '{a}'"),
    (CHECK, "entities_running = '{a}', entities_completed = '{a}'"), (CHECK, "entities_pending = '{a}', entities_failed = '{a}'"),
    (STEP, "total_records_processed = -1"), (CHECK, "total_records_remaining = -1"), (CHECK, "overall_status = 'asleep'"),
    (CHECK, "wanted = 'more'"), (CHECK, "error_summary = '[]'"), (CHECK, "performance_metrics = '1'"),
    (CHECK, "completed_at = now()"), (STEP, "overall_status = 'completed'"), (STEP, "overall_status = 'paused'"),
    (STEP, "overall_status = 'running', estimated_completion = now() - interval '1 s'"),
    (STEP, "migration_session_id = '00000000-0000-0000-0000-000000000000'"),
]


@pytest.mark.many
@pytest.mark.parametrize("state, change", SESSIONS, ids=[s[1] for s in SESSIONS])
def test_a_session_that_cannot_be(made, state, change):
    refused(state if "asleep" not in change else STEP, made.execute, f"UPDATE godwit.migration_status_tracking SET {change}")


def states(made, table, column, words):
    """Every step between two states that the table lets pass."""
    passed = set()
    for was in words:
        for becomes in words:
            connection = made.connect(autocommit=False)
            try:
                with connection.cursor() as cursor:
                    cursor.execute(f"ALTER TABLE godwit.{table} DISABLE TRIGGER USER")
                    extra = ", started_at = now(), completed_at = CASE WHEN %s IN ('completed', 'failed') THEN now() END" \
                        if table == "migration_status_tracking" else ""
                    cursor.execute(f"UPDATE godwit.{table} SET {column} = %s{extra}", [was, was] if extra else [was])
                    cursor.execute(f"ALTER TABLE godwit.{table} ENABLE TRIGGER USER")
                    cursor.execute(f"UPDATE godwit.{table} SET {column} = %s", [becomes])
                passed.add((was, becomes))
            except psycopg2.Error as problem:
                assert problem.pgcode == STEP, problem
            finally:
                connection.rollback()
                connection.close()
    return {s for s in passed if s[0] != s[1]}


RUN_STEPS = {("pending", "running"), ("pending", "failed"), ("running", "paused"), ("running", "completed"),
             ("running", "failed"), ("paused", "running"), ("paused", "failed")}
RUN_STATES = ("pending", "running", "paused", "completed", "failed")


def test_steps_of_a_session(made):
    assert states(made, "migration_status_tracking", "overall_status", RUN_STATES) == RUN_STEPS
    for state in RUN_STATES[1:]:
        refused(STEP, insert, made, "migration_status_tracking", id=new(), migration_session_id=new(), overall_status=state)


def test_steps_of_a_run(made):
    assert states(made, "migration_control", "status", RUN_STATES) == RUN_STEPS
    for state in RUN_STATES[1:]:
        refused(STEP, insert, made, "migration_control", run_id=new(), migration_session_id=made.ids["session"],
                entity_type="doctors", mapping_id=made.ids["mapping"], status=state)


def test_steps_of_a_checkpoint(made):
    assert states(made, "migration_checkpoints", "state", ("created", "active", "suspended", "completed")) == {
        ("created", "active"), ("active", "suspended"), ("suspended", "active"), ("active", "completed")}
    refused(STEP, insert, made, "migration_checkpoints", **checkpoint(made, state="active"))


def test_the_life_of_a_session(made):
    step = "UPDATE godwit.migration_status_tracking SET overall_status = %s, estimated_completion = now() + %s::interval"
    made.execute(step, ["running", "1 h"])
    assert made.value("SELECT started_at IS NOT NULL FROM godwit.migration_status_tracking")
    refused(STEP, made.execute, "UPDATE godwit.migration_status_tracking SET estimated_completion = now() - interval '1 s'")
    made.execute("UPDATE godwit.migration_status_tracking SET total_records_processed = 5, total_records_remaining = 2")
    refused(STEP, made.execute, "UPDATE godwit.migration_status_tracking SET total_records_processed = 4")
    refused(CHECK, made.execute, "UPDATE godwit.migration_status_tracking SET overall_status = 'completed'")
    made.execute("UPDATE godwit.migration_status_tracking SET overall_status = 'paused'")
    made.execute("UPDATE godwit.migration_status_tracking SET overall_status = 'running', total_records_remaining = 0")
    made.execute("UPDATE godwit.migration_status_tracking SET overall_status = 'completed'")
    assert made.value("SELECT completed_at >= started_at FROM godwit.migration_status_tracking")
    refused(STEP, made.execute, "DELETE FROM godwit.migration_status_tracking")
    refused(STEP, made.execute, "TRUNCATE godwit.migration_status_tracking CASCADE")


CHECKPOINTS = [
    (CHECK, dict(records_processed=-1)), (CHECK, dict(records_remaining=-1)), (CHECK, dict(batch_position=-1)),
    (CHECK, dict(checkpoint_data=())), ("22P02", dict(checkpoint_data="no JSON")), (FOREIGN, dict(migration_run_id=new())),
    (FOREIGN, dict(migration_session_id=new())), (FOREIGN, dict(analysis_id=new())), (FOREIGN, dict(mapping_id=new())),
    (FOREIGN, dict(entity_type="patients")), (NOT_NULL, dict(analysis_id=None)), (NOT_NULL, dict(mapping_id=None)),
]


@pytest.mark.parametrize("state, wrong", CHECKPOINTS, ids=[str(list(c[1])) for c in CHECKPOINTS])
def test_a_checkpoint_that_cannot_be(made, state, wrong):
    refused(state, insert, made, "migration_checkpoints", **checkpoint(made, **wrong))


def test_a_checkpoint_goes_forward(made):
    made.execute("UPDATE godwit.migration_checkpoints SET records_processed = 9, last_processed_id = 'ü'")
    refused(STEP, made.execute, "UPDATE godwit.migration_checkpoints SET records_processed = 8")


def test_what_others_point_to_stays(made):
    insert(made, "migration_execution_logs", **log(made))
    for table in ("differential_analysis_results", "schema_mapping_definitions", "migration_control"):
        refused(FOREIGN, made.execute, f"DELETE FROM godwit.{table}")
    made.execute("DELETE FROM godwit.migration_checkpoints")  # its logs are kept longer
    assert made.execute("SELECT checkpoint_id FROM godwit.migration_execution_logs") == [(None,)]


LOGS = [
    (CHECK, dict(log_level="fatal")), (CHECK, dict(operation_type="guess")), (CHECK, dict(error_details=())),
    (CHECK, dict(performance_data=())), (CHECK, dict(context_data=())), (CHECK, dict(timestamp="2020-01-01T00:00:00Z")),
    (CHECK, dict(timestamp="2999-01-01T00:00:00Z")), (CHECK, dict(migration_session_id=None)),
    (FOREIGN, dict(migration_session_id=new())), (FOREIGN, dict(checkpoint_id=new())), (NOT_NULL, dict(message=None)),
]


@pytest.mark.parametrize("state, wrong", LOGS, ids=[str(list(c[1])) for c in LOGS])
def test_a_log_line_that_cannot_be(made, state, wrong):
    refused(state, insert, made, "migration_execution_logs", **log(made, **wrong))


def test_every_operation_and_level_of_the_model(made):
    for operation in ("baseline_analysis", "differential_detection", "record_migration", "validation", "checkpoint_save",
                      "checkpoint_restore"):
        for level in ("error", "warn", "info", "debug"):
            insert(made, "migration_execution_logs", **log(made, operation_type=operation, log_level=level))
    insert(made, "migration_execution_logs", **log(made, migration_session_id=None, checkpoint_id=None,
                                                   operation_type="differential_detection"))


# ---- definitions ---------------------------------------------------------------------------------------


DEFINITIONS = [
    (UNIQUE, dict(version="1.0.0")), (UNIQUE, dict(version="2.0.0", active=True)), (CHECK, dict(version="1.0")),
    (CHECK, dict(version="1.0.01")), (CHECK, dict(version="2.0.0", source_table="")),
    (CHECK, dict(version="2.0.0", destination_table="")), (CHECK, dict(version="2.0.0", field_mappings={})),
    (CHECK, dict(version="2.0.0", validation_rules={})), (CHECK, dict(version="2.0.0", transformation_functions={})),
    (CHECK, dict(version="2.0.0", body_hash="x")), (CHECK, dict(version="2.0.0", described=())),
]


@pytest.mark.parametrize("state, wrong", DEFINITIONS, ids=[str(d[1]) for d in DEFINITIONS])
def test_a_definition_that_cannot_be(made, state, wrong):
    refused(state, definition, made, new(), "doctors", **wrong)


def test_a_definition_does_not_change(made):
    for change in ("body = 'y'", "version = '3.0.0'", "entity_type = 'x'", "field_mappings = '[1]'", "validation_rules = '[1]'",
                   "transformation_functions = '[1]'", "body_hash = repeat('1', 64)", "script = 'x'", "source_table = 'y'"):
        refused(STEP, made.execute, f"UPDATE godwit.schema_mapping_definitions SET {change} WHERE entity_type = 'patients'")
    made.execute("UPDATE godwit.schema_mapping_definitions SET is_active = true, described = '{\"a\": 1}', compiled = '{}'")


# ---- the rest ------------------------------------------------------------------------------------------


def test_changes_are_packed_and_seen_as_arrays(made):
    add = ("INSERT INTO godwit.differential_changes (analysis_id, number, kind, keys, leaf, first_block, end_block, key_count)"
           " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)")
    one = made.ids["analysis"]
    made.execute(add, [one, 1, "n", ["b", "a"], None, None, None, 2])
    made.execute(add, [one, 2, "n", ["c"], None, None, None, 1])
    made.execute(add, [one, 3, "d", ["z"], None, None, None, 1])
    made.execute(add, [one, 4, "n", None, 77, 0, 64, 900])
    refused(CHECK, made.execute, add, [one, 5, "n", ["a"], None, None, None, 2])
    refused(CHECK, made.execute, add, [one, 5, "n", ["a"], 77, 0, 1, 1])
    refused(CHECK, made.execute, add, [one, 5, "n", None, 77, 1, 1, 1])
    refused(CHECK, made.execute, add, [one, 5, "m", None, 77, 0, 1, 1])
    refused(CHECK, made.execute, add, [one, 5, "x", ["a"], None, None, None, 1])
    refused(FOREIGN, made.execute, add, [new(), 5, "n", ["a"], None, None, None, 1])
    assert made.execute("SELECT new_records, modified_records, deleted_records, ranges FROM godwit.differential_analysis_records"
                        " WHERE id = %s", [one]) == [
        (["b", "a", "c"], [], ["z"], [{"kind": "n", "leaf": 77, "first_block": 0, "end_block": 64, "count": 900}])]


def test_the_id_map_is_unique_both_ways_in_each_entity(made):
    hard = 'Ä "b" \'c\''
    for entity in ("doctors", hard):
        made.execute("SELECT godwit.id_map_ensure(%s)", [entity])
        made.execute("SELECT godwit.id_map_ensure(%s)", [entity])
        made.execute("INSERT INTO godwit.migration_mappings (entity_type, legacy_id, modern_id) VALUES (%s, '1', 'a')", [entity])
    add = "INSERT INTO godwit.migration_mappings (entity_type, legacy_id, modern_id) VALUES (%s, %s, %s)"
    refused(UNIQUE, made.execute, add, [hard, "1", "b"])
    refused(UNIQUE, made.execute, add, [hard, "2", "a"])
    refused(CHECK, made.execute, add, ["never made", "2", "a"])
    made.execute("SELECT godwit.id_map_make('standalone')")
    name = made.value("SELECT godwit.id_map_name('standalone')")
    made.execute(f"INSERT INTO godwit.{name} (entity_type, legacy_id, modern_id) SELECT 'standalone', i, i FROM generate_series(1, 9) i")
    assert made.value("SELECT count(*) FROM godwit.migration_mappings WHERE entity_type = 'standalone'") == 0
    made.execute("SELECT godwit.id_map_attach('standalone')")
    assert made.value("SELECT count(*) FROM godwit.migration_mappings WHERE entity_type = 'standalone'") == 9


def test_workers_that_need_an_id_map_together_get_one(made):
    """Whoever comes while another one makes it waits for it: it does not fail of a name that is taken."""
    failed = []

    def ensure():
        try:
            made.execute("SET lock_timeout = '10ms'; SELECT godwit.id_map_ensure('x')")
        except psycopg2.Error as error:
            failed.append(error)
    workers = [threading.Thread(target=ensure) for _ in range(2)]
    with holding(made, "SELECT godwit.id_map_ensure('x')") as first:
        for worker in workers:
            worker.start()
        until(lambda: failed or len(lock_waiters(made)) == 2, what="two that wait")
        first.commit()
    for worker in workers:
        worker.join(60)
    assert not failed
    assert made.value("SELECT count(*) FROM pg_inherits WHERE inhparent = 'godwit.migration_mappings'::regclass") == 1


def test_every_index_of_the_model_is_there(made):
    found = {row[0].split(" USING ")[1] + "@" + row[1] for row in made.execute(
        "SELECT indexdef, tablename FROM pg_indexes WHERE schemaname = 'godwit'")}
    for table, columns in [("migration_checkpoints", "(entity_type, migration_run_id)"),
                           ("migration_checkpoints", "(last_processed_id)"),
                           ("differential_analysis_results", "(entity_type, analysis_timestamp)"),
                           ("differential_analysis_results", "(last_migration_timestamp)"),
                           ("migration_execution_logs", '(migration_session_id, "timestamp")'),
                           ("migration_execution_logs", "(entity_type, log_level)"),
                           ("migration_status_tracking", "(migration_session_id, overall_status)"),
                           ("schema_mapping_definitions", "(entity_type, is_active, version)")]:
        assert f"btree {columns}@{table}" in found, (table, columns)


def test_a_newer_part_is_left_alone(made, make_project):
    project = make_project()
    project.config({"environments": {"dev": {"url": made.url}}})
    made.execute((SQL / "part_make.sql").read_text())
    made.execute("INSERT INTO godwit.control (version, upgraded_by) VALUES (1, 'x')")
    made.execute("INSERT INTO godwit.parts (part, number, name, applied_by) SELECT 'differential', i, 'x', 'x'"
                 " FROM generate_series(1, 99) i")
    failed = project.godwit("sync", "import", "--json", code=1).json["error"]
    assert failed["kind"] == "state" and "a newer Godwit" in failed["message"]
