"""What migrations of rows do and have done, as status, list, logs and rejects show it."""
import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import termios
import uuid

import pytest

HARD = 'Täble "x" \\ ' + "n" * 40


@pytest.fixture
def sessions(sides):
    """Godwit's tables are there, with two mappings."""
    sides.tables("CREATE TABLE a (id int PRIMARY KEY, x text); CREATE TABLE b (id int PRIMARY KEY, x text)",
                 "CREATE TABLE a (id int PRIMARY KEY, x text); CREATE TABLE b (id int PRIMARY KEY, x text)")
    for entity in "ab":
        sides.map(entity, "x", source=entity, destination=entity)
    sides.register()
    sides.ids = {e: sides.new.value("SELECT id FROM godwit.schema_mapping_definitions WHERE entity_type = %s", [e]) for e in "ab"}
    return sides


def begin(sides, status="running", lease="1 hour", minute=0, **other):
    """A session, and a run of a and of b in it."""
    ids = {n: str(uuid.uuid4()) for n in ("session", "a", "b")}
    values = {"coordinator_host": "old host", "coordinator_pid": 4711, "total_records_processed": 750,
              "total_records_remaining": 250, **other}
    names = ", ".join(values)
    sides.new.execute(
        f"INSERT INTO godwit.migration_status_tracking (id, migration_session_id, created_at, lease_until, {names})"
        f" VALUES (gen_random_uuid(), %s, now() + %s * interval '1 minute', now() + %s::interval, {', '.join(['%s'] * len(values))})"
        .replace("gen_random_uuid()", f"'{uuid.uuid4()}'"), [ids["session"], minute, lease, *values.values()])
    for entity in "ab":
        sides.new.execute("INSERT INTO godwit.migration_control (run_id, migration_session_id, entity_type, mapping_id, records_new,"
                          " records_modified, records_deleted, records_rejected, records_remaining) VALUES (%s, %s, %s, %s, 600, 100, 49, 1, 250)",
                          [ids[entity], ids["session"], entity, sides.ids[entity]])
    if status != "pending":
        sides.new.execute("UPDATE godwit.migration_status_tracking SET overall_status = 'running', entities_running = '{a}',"
                          " entities_pending = '{b}' WHERE migration_session_id = %s", [ids["session"]])
        sides.new.execute("UPDATE godwit.migration_control SET status = 'running', started_at = now() - interval '10 s' WHERE run_id = %s",
                          [ids["a"]])
    if status not in ("pending", "running"):
        end(sides, ids["session"], status)
    return ids["session"]


def end(sides, session, status, reason=None):
    sides.new.execute("UPDATE godwit.migration_control SET status = 'running' WHERE migration_session_id = %s AND status = 'pending'", [session])
    sides.new.execute("UPDATE godwit.migration_control SET status = %s WHERE migration_session_id = %s", [status, session])
    sides.new.execute("UPDATE godwit.migration_status_tracking SET overall_status = %s, reason = %s, entities_running = '{}',"
                      " entities_pending = '{}', entities_completed = '{a,b}', total_records_remaining = 0"
                      " WHERE migration_session_id = %s", [status, reason, session])


def log(sides, message, level="info", entity="a", session=None, **other):
    values = {"id": str(uuid.uuid4()), "migration_session_id": session, "entity_type": entity, "log_level": level, "message": message,
              "operation_type": "record_migration" if session else "differential_detection", **other}
    sides.new.execute(f"INSERT INTO godwit.migration_execution_logs ({', '.join(values)}) VALUES ({', '.join(['%s'] * len(values))})",
                      list(values.values()))


# ---- status, list ----------------------------------------------------------------------------------


def test_a_database_without_sessions(sides):
    assert "no session has begun yet" in sides.godwit("sync", "status", code=1).err
    assert sides.sync("list")["sessions"] == []
    assert sides.sync("rejects")["rejects"] == [] and sides.sync("logs")["lines"] == []
    assert "nothing was rejected" in sides.godwit("sync", "rejects", code=0).out


def test_a_session_that_runs(sessions):
    first = begin(sessions, "completed", minute=-1)
    running = begin(sessions)
    found = sessions.sync("status")
    assert (found["session"], found["status"], found["abandoned"]) == (running, "running", False)
    a, b = found["entities"]
    assert (a["entity"], a["processed"], a["remaining"], a["rejected"]) == ("a", 750, 250, 1)
    assert 60 <= a["rows_per_second"] <= 75 and 3000 <= a["left_ms"] <= 4500
    assert (b["status"], b["rows_per_second"], b["left_ms"]) == ("pending", None, None)
    text = sessions.godwit("sync", "status", code=0).out
    assert re.search(r"a +running +\S+ +75 % +600 +100 +49 +1 +250", text), text
    assert "by old host process 4711" in text and "750 rows done, 250 left" in text
    assert [s["session"] for s in sessions.sync("list")["sessions"]] == [running, first]
    assert sessions.sync("status", "--session", first[:13])["status"] == "completed"
    assert "there is no session ffff" in sessions.godwit("sync", "status", "--session", "ffff", code=1).err


def test_nobody_goes_on_with_it(sessions):
    begin(sessions, lease="-1 second")
    found = sessions.sync("status")
    assert (found["status"], found["abandoned"]) == ("running", True)
    text = sessions.godwit("sync", "status", code=0).out
    assert "abandoned" in text and "nobody goes on with it since" in text and "sync resume" in text
    assert "abandoned" in sessions.godwit("sync", "list", code=0).out


def test_why_it_ended(sessions):
    begin(sessions, "failed", error_summary=json.dumps({"message": "out of\nluck"}))
    text = sessions.godwit("sync", "status", code=0).out
    assert "failed at" in text and "reason: out of" in text
    session = begin(sessions, minute=1)
    sessions.new.execute("UPDATE godwit.migration_status_tracking SET wanted = 'pause' WHERE migration_session_id = %s", [session])
    assert "to be paused at the next batch" in sessions.godwit("sync", "status", code=0).out


def test_watch_in_lines(sessions):
    session = begin(sessions)
    watch = sessions.start("sync", "status", "--watch", "--json")
    first = json.loads(watch.process.stdout.readline())
    assert first["status"] == "running"
    end(sessions, session, "completed")
    rest = [json.loads(line) for line in watch.process.stdout.read().splitlines()]
    assert rest[-1]["status"] == "completed" and watch.process.wait() == 3  # a row was rejected
    out = sessions.godwit("sync", "status", "--watch", code=3).out
    assert f"session {session}: completed" in out and "\033" not in out


def test_watch_on_a_terminal(sessions):
    """It is drawn over what stood there, and never wider or higher than the screen."""
    session = begin(sessions)
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 6, 60, 0, 0))
    process = subprocess.Popen([sessions._program.binary, "sync", "status", "--watch"], cwd=sessions.path, stdout=slave, stderr=slave,
                               env={**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8"})
    os.close(slave)
    text = _until(master, "\033[J")  # the second time
    end(sessions, session, "completed")
    text += _until(master, "completed")
    assert process.wait(timeout=30) == 3
    plain = re.sub(r"\033\[[0-9;]*[A-Za-z]", "", text)
    assert "█" in plain and "75 %" in plain
    assert all(len(line.rstrip("\r")) <= 60 for line in plain.split("\n")), plain
    assert set(re.findall(r"\033\[(\d+)A", text)) <= {"4", "5"}, text


def _until(master, words):
    text = ""
    while words not in text:
        assert select.select([master], [], [], 30)[0], text
        text += os.read(master, 65536).decode()
    return text


# ---- logs ------------------------------------------------------------------------------------------


def test_the_log(sessions):
    session = begin(sessions)
    log(sessions, "fine", session=session)
    log(sessions, "noise", level="debug")
    log(sessions, "three\nlines \033[31m", level="error", entity="b", session=session, error_details=json.dumps({"message": "why"}),
        record_id=HARD)
    lines = sessions.sync("logs")["lines"]
    assert [(x["message"], x["level"]) for x in lines] == [("fine", "info"), ("three\nlines \033[31m", "error")]
    assert lines[1]["error"] == {"message": "why"} and lines[1]["record"] == HARD
    assert [x["message"] for x in sessions.sync("logs", "--level", "debug")["lines"]][1] == "noise"
    assert [x["entity"] for x in sessions.sync("logs", "--level", "warn", "--session", session[:8])["lines"]] == ["b"]
    assert len(sessions.sync("logs", "--entity", "a")["lines"]) == 1
    assert len(sessions.sync("logs", "--limit", "1")["lines"]) == 1
    text = sessions.godwit("sync", "logs", code=0).out
    assert text.count("\n") == 2 and "\033" not in text and "three lines ?[31m: why" in text


def test_the_log_is_followed(sessions):
    log(sessions, "before")
    follow = sessions.start("sync", "logs", "--follow", "--json")
    assert json.loads(follow.process.stdout.readline())["message"] == "before"
    late = sessions.new.connect(autocommit=False)
    with late.cursor() as cursor:  # written first, committed last
        cursor.execute("INSERT INTO godwit.migration_execution_logs (id, entity_type, operation_type, log_level, message)"
                       " VALUES (%s, 'a', 'validation', 'info', 'late')", [str(uuid.uuid4())])
    log(sessions, "after")
    assert json.loads(follow.process.stdout.readline())["message"] == "after"
    late.commit()
    late.close()
    assert json.loads(follow.process.stdout.readline())["message"] == "late"
    follow.process.send_signal(2)
    assert follow.process.stdout.read() == b"" and follow.process.wait() == 6


# ---- rejects ---------------------------------------------------------------------------------------


def test_the_quarantine(sessions):
    for number in range(3):
        sessions.new.execute("INSERT INTO godwit.sync_rejects (entity_type, key, kind, rule, field, message, source_row, attempts)"
                             " VALUES ('a', %s, 'rule', 'format', %s, %s, '{\"x\": \"***\"}', 2)", [f"{number}", HARD, "not\nso"])
    sessions.new.execute("INSERT INTO godwit.sync_rejects (entity_type, key, kind, action, message, sqlstate)"
                         " VALUES ('b', '[\"1\", \"2\"]', 'server', 'skip', 'no', '23505')")
    found = sessions.sync("rejects")
    assert found["total"] == 4 and [r["entity"] for r in found["rejects"]] == ["a", "a", "a", "b"]
    one = found["rejects"][0]
    assert (one["key"], one["kind"], one["rule"], one["field"], one["attempts"], one["source_row"]) == \
        ("0", "rule", "format", HARD, 2, {"x": "***"})
    assert sessions.sync("rejects", "b")["rejects"][0]["sqlstate"] == "23505"
    text = sessions.godwit("sync", "rejects", "a", "--limit", "2", code=0).out
    assert "rule format" in text and "not so" in text and "and 1 more" in text


@pytest.mark.slow
def test_rejected_rows_are_tried_again(sides):
    sides.tables("CREATE TABLE s (id int PRIMARY KEY, x text); CREATE TABLE k (id int PRIMARY KEY, s int);"
                 "INSERT INTO s VALUES (1, '1'), (2, 'two'), (3, '3'), (4, 'four'), (5, 'five'); INSERT INTO k VALUES (1, 1), (2, 2)",
                 "CREATE TABLE d (id uuid PRIMARY KEY, x int); CREATE TABLE c (id uuid PRIMARY KEY, d uuid)")
    sides.map("d", "x", source="s", rest="identity: uuid-v7\ndeletes: delete\n")
    sides.map("c", "{from: s, to: d, reference: d}", source="k", rest="identity: uuid-v7\n")
    sides.register()
    sides.sync("run", code=3)
    assert [r["key"] for r in sides.sync("rejects")["rejects"]] == ["2", "2", "4", "5"]
    # One is put right, one is gone; one row that was applied is not to be touched.
    sides.old.execute("UPDATE s SET x = '2' WHERE id = 2; DELETE FROM s WHERE id = 4; UPDATE s SET x = '30' WHERE id = 3")
    said = sides.sync("rejects", "--retry", code=3)
    assert said["retried"] == [dict(entity="d", tried=3, passed=1, gone=1, rejected=1, left=0),
                               dict(entity="c", tried=1, passed=1, gone=0, rejected=0, left=0)]
    assert [(r["entity"], r["key"], r["attempts"]) for r in said["rejects"]] == [("d", "5", 2)]
    assert sides.rows("d", "x", "x") == [(1,), (2,), (3,)] and sides.counts("d") == (3, 1, 3)
    sides.old.execute("UPDATE s SET x = '5' WHERE id = 5")
    out = sides.godwit("sync", "rejects", "d", "--retry", code=0).out
    assert "d: 1 row tried again, 1 passed" in out and "nothing was rejected" in out
    sides.sync("run")
    assert sides.sync("verify")["equal"]
    assert sides.sync("rejects", "--retry")["retried"] == []


def test_a_retry_deletes_no_more_than_a_run_may(sides):
    sides.tables("CREATE TABLE s (id int PRIMARY KEY, x int); INSERT INTO s SELECT i, i FROM generate_series(1, 40) i",
                 "CREATE TABLE d (id int PRIMARY KEY, x int CHECK (x >= 0))")
    sides.map("a", "x", source="s", destination="d", rest="identity: keep\ndeletes: delete\n")
    sides.register()
    sides.sync("run")
    sides.old.execute("UPDATE s SET x = -x WHERE id <= 30")
    sides.sync("run", code=3)
    sides.old.execute("DELETE FROM s WHERE id <= 20")
    refused = sides.sync("rejects", "--retry", code=5)["error"]
    assert "20 of the 40 rows of a" in refused["message"] and refused["detail"] == "nothing was applied"
    assert sides.rows(columns="count(*)") == [(40,)]
    sides.sync("rejects", "--retry", "--max-deletes", "50%", code=3)
    assert sides.rows(columns="count(*)") == [(20,)] and sides.counts("a") == (20, 10, 0)
