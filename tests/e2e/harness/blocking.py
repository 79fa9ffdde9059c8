"""Standing in a runner's way at a chosen place, and knowing when it stands there."""
import contextlib
import os
import signal

from .waiting import until

GATE = 4711
# The gate keeps a migration exactly there until the test opens it.
WAIT_AT_GATE = f"SELECT pg_catalog.pg_advisory_xact_lock({GATE});"


@contextlib.contextmanager
def holding(database, statement, arguments=None):
    """An open transaction of another client's, with what `statement` locks; its backend's pid."""
    connection = database.connect(autocommit=False)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET application_name = 'stands in the way'")
            connection.commit()
            cursor.execute(statement, arguments)
        yield connection
    finally:
        connection.close()


def closed_gate(database):
    return holding(database, WAIT_AT_GATE)


def lock_waiters(database):
    """Pids of the backends of this database that wait for a lock."""
    return [pid for (pid,) in database.execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND wait_event_type = 'Lock'")]


def until_blocked(database, running, count=1):
    """Wait until `count` backends wait for a lock: their pids. `running` must not end before."""
    def blocked():
        assert running.process.poll() is None, f"it ended too early:\n{running.finish()}"
        pids = lock_waiters(database)
        return pids if len(pids) >= count else None
    return until(blocked, 120, "a runner that waits for a lock")


def until_at_gate(database, running):
    """Wait until it stands at the closed gate, and not at some other lock for a moment."""
    def there():
        assert running.process.poll() is None, f"it ended too early:\n{running.finish()}"
        return database.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted", [GATE])
    return until(there, 120, "a runner at the gate")


def until_waiting_for_run(database, count=1):
    """Wait until `count` runners ask for the run lock again and again."""
    return until(lambda: database.value(
        "SELECT count(*) >= %s FROM pg_stat_activity WHERE datname = current_database()"
        " AND query LIKE '%%pg_try_advisory_lock%%' AND query NOT LIKE '%%pg_stat_activity%%'", [count]),
        300, f"{count} runners that wait for the run lock")


def until_gone(database):
    """Wait until the server has noticed the end of every session of Godwit's in this database."""
    until(lambda: not database.execute("SELECT 1 FROM pg_stat_activity WHERE application_name ~ 'godwit' AND datname = current_database()"),
          what="the end of its sessions")


def kill_at_lock(database, running, lock, what):
    """kill -9 while it waits for a lock: a condition on pg_locks."""
    until(lambda: database.execute(f"SELECT 1 FROM pg_locks WHERE NOT granted AND {lock}"), 60, what)
    running.kill()


def interrupt(running):
    """Ctrl-C, and wait until the program has taken notice: two at once would be one."""
    running.signal(signal.SIGINT)
    until(lambda: not pending(running.pid, signal.SIGINT), what="the signal's arrival")


def pending(pid, number):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        masks = [int(line.split()[1], 16) for line in status if line.startswith(("ShdPnd:", "SigPnd:"))]
    return any(mask & (1 << (number - 1)) for mask in masks)


def freeze(running):
    """SIGSTOP, and wait until it stands still."""
    running.signal(signal.SIGSTOP)

    def stopped():
        with open(f"/proc/{running.pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "T"
    until(stopped, what="the stop")


def thaw(running):
    os.kill(running.pid, signal.SIGCONT)


def configure(project, url, **environment):
    """godwit.yaml with one environment of these settings."""
    project.config({"project": "test", "migrations": "migrations", "default": "test",
                    "environments": {"test": {"url": url, **environment}}})
