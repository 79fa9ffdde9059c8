"""What every command has in common: words, help, shapes of JSON, exit codes, secrets, streams."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess

import pytest
from psycopg2.extensions import parse_dsn

from harness.waiting import until

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMANDS = ("init", "new", "up", "down", "redo", "status", "verify", "repair", "baseline", "adopt",
            "history", "db", "completion", "help", "version")
# Of the operations' part of the contract.
OPERATIONS = ("backup", "backups", "restore", "keys", "doctor", "health", "maintain", "serve", "db", "completion")


# ---- help, manual, completion ----------------------------------------------------------------

def test_the_reference_in_the_tree_is_what_the_program_prints(godwit):
    printed = godwit("help", "--markdown", code=0).out
    written = (ROOT / "docs/reference/commands.md").read_text()
    assert printed == written, "run: build/godwit help --markdown > docs/reference/commands.md"


def test_help_is_the_same_by_either_way(godwit):
    for command in COMMANDS:
        asked = godwit("help", command, code=0)
        assert asked.out == godwit(command, "--help", code=0).out
        assert asked.err == ""
        assert "Examples:" in asked.out
    assert godwit("help", "db", "psql", code=0).out == godwit("db", "psql", "--help", code=0).out


def test_the_commands_of_operations_are_there(godwit):
    overview = godwit("help", code=0).out
    for command in OPERATIONS:
        assert re.search(rf"^  {command}\b", overview, re.M), command
        assert f"godwit {command}" in godwit(command, "--help", code=0).out
    assert 'unknown command "maintenance"' in godwit("maintenance", code=2).err


@pytest.mark.skipif(not shutil.which("man"), reason="man is not installed")
def test_the_man_page_is_one(godwit, tmp_path):
    page = tmp_path / "godwit.1"
    page.write_text(godwit("help", "--man", code=0).out)
    shown = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", page], capture_output=True, text=True,
                           env={**os.environ, "MANWIDTH": "100", "MANPAGER": "cat"})
    assert shown.returncode == 0 and shown.stderr == ""
    for command in COMMANDS:
        assert f"godwit {command}" in shown.stdout


def complete(script, *words):
    """What bash offers for the last word."""
    line = " ".join(words)
    ask = (f"{script}\nCOMP_WORDS=({' '.join(repr(w) for w in words)})\n"
           f"COMP_CWORD={len(words) - 1}\nCOMP_LINE={line!r}\n_godwit\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"")
    run = subprocess.run(["bash", "--norc", "-euc", ask], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())


def test_bash_completes(godwit):
    script = godwit("completion", "bash", code=0).out
    assert subprocess.run(["bash", "-n"], input=script, text=True).returncode == 0
    assert set(COMMANDS) <= complete(script, "godwit", "")
    assert complete(script, "godwit", "sta") == {"status"}
    assert complete(script, "godwit", "--env", "prod", "up", "--dry") == {"--dry-run"}
    assert complete(script, "godwit", "db", "st") == {"start", "stop", "status"}
    assert complete(script, "godwit", "adopt", "--from", "sq") == {"sqlx", "sqitch"}
    assert complete(script, "godwit", "completion", "z") == {"zsh"}
    assert complete(script, "godwit", "down", "--log-format", "j") == {"json"}
    assert "--out-of-order" not in complete(script, "godwit", "down", "--")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_read_their_script(godwit, shell):
    script = godwit("completion", shell, code=0).out
    for command in COMMANDS:
        assert command in script
    if not shutil.which(shell):
        # It cannot be read here: at least its quotes are closed.
        for number, line in enumerate(script.splitlines(), 1):
            text = line.replace("'\\''", "").replace("\\'", "")
            assert text.count("'") % 2 == 0, f"line {number}: {line}"
        return
    assert subprocess.run([shell, "-n", "/dev/stdin"], input=script, text=True).returncode == 0


# ---- wrong words -----------------------------------------------------------------------------

@pytest.mark.parametrize("words, hint", [
    (("stauts",), "did you mean godwit status?"),
    (("migrate",), "did you mean godwit up?"),
    (("up", "--dry-rnu"), "did you mean --dry-run?"),
    (("--atomic", "up"), "--atomic stands after its command: godwit up --atomic"),
    (("db", "strat"), "did you mean godwit db start?"),
    (("status", "--timeout", "1s"), None),
    (("down", "--to", "1", "--steps", "1"), None),
    (("repair", "--done", "--forget"), None),
    (("adopt",), None),
])
def test_wrong_words(project, words, hint):
    result = project.godwit(*words, code=2)
    assert result.out == "" and result.err.startswith("error: ")
    if hint:
        assert f"hint: {hint}\n" in result.err
    error = project.godwit("--json", *words, code=2).json["error"]
    assert error["kind"] == "usage" and error["hint"] in (hint, error["hint"])


# ---- JSON ------------------------------------------------------------------------------------

RFC3339 = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z"


@pytest.fixture
def two(project):
    project.migration(1, "first", "CREATE TABLE first (id int);", "DROP TABLE first;")
    project.migration(2, "second", "CREATE TABLE second (id int);", "DROP TABLE second;")
    return project


def test_status_and_up(two):
    two.godwit("up", "--to", "1", code=0)
    status = two.godwit("status", "--json", code=0).json
    assert {"environment", "database", "current", "pending", "migrations"} <= set(status)
    assert (status["environment"], status["current"], status["pending"]) == ("test", "1", 1)
    first, second = status["migrations"]
    for migration in (first, second):
        assert {"version", "name", "service", "state", "applied_at", "duration_ms", "checksum",
                "transactional"} <= set(migration)
    assert (first["state"], second["state"]) == ("applied", "pending")
    assert re.fullmatch(RFC3339, first["applied_at"]) and isinstance(first["duration_ms"], int)
    assert second["applied_at"] is None and second["duration_ms"] is None

    up = two.godwit("up", "--json", code=0).json
    assert up["pending"] == 0
    assert [set(m) for m in up["applied"]] == [{"version", "name", "service", "duration_ms"}]
    assert two.godwit("up", "--json", code=0).json == {"applied": [], "pending": 0}

    down = two.godwit("down", "--json", code=0).json
    assert [m["version"] for m in down["reverted"]] == ["2"] and down["pending"] == 1


@pytest.mark.slow
def test_every_other_command_prints_one_document(two, tmp_path):
    documents = {
        ("up", "--dry-run"): {"sql", "applied", "pending", "dry_run", "data_loss"},
        ("up",): {"applied", "pending"},
        ("redo",): {"applied", "pending"},
        ("verify",): {"checked", "findings", "drift", "warnings"},
        ("repair",): {"actions", "dry_run"},
        ("baseline", "2"): {"marked", "pending"},
        ("history",): {"events"},
        ("new", "third"): {"files"},
        ("version",): {"version", "libpq"},
    }
    for words, keys in documents.items():
        document = two.godwit(*words, "--json", code=0).json
        assert set(document) == keys, words
    events = two.godwit("history", "--json", code=0).json["events"]
    assert events[0]["id"] > events[-1]["id"]
    assert all(re.fullmatch(RFC3339, e["at"]) for e in events)
    assert {"apply", "revert"} <= {e["action"] for e in events}
    assert len(two.godwit("history", "--limit", "2", "--json", code=0).json["events"]) == 2
    assert set(two.godwit("init", "--json", "-C", tmp_path, code=0).json) == {"files"}


def test_a_dry_run_prints_sql_that_psql_can_read(two, bindir):
    out = two.godwit("up", "--dry-run", code=0).out
    assert "CREATE TABLE first (id int);" in out
    # every line is SQL or a comment of SQL; the functions of Godwit's own tables take several
    files = re.sub(r"(?ms)^-- Godwit's own tables$.*?^COMMIT;$", "", out)
    assert all(line.startswith("--") or line.rstrip().endswith(";") for line in files.splitlines() if line.strip())
    assert two.states() == {"1": "pending", "2": "pending"}


def test_an_error_is_one_document_with_its_place(two):
    two.migration(3, "bad", "SELECT 1;\nSELECT nope;\n")
    result = two.godwit("up", "--json", code=1)
    error = result.json["error"]
    assert {"kind", "message", "detail", "hint", "sqlstate", "where"} <= set(error)
    assert (error["kind"], error["sqlstate"]) == ("sql", "42703")
    assert error["where"].endswith("migrations/3_bad.up.sql:2:8")
    assert [m["version"] for m in result.json["applied"]] == ["1", "2"]
    assert "error:" not in result.err


def test_an_error_shows_the_line(two):
    two.migration(3, "bad", "SELECT 1;\nSELECT 'é', nope;\n")
    err = two.godwit("up", code=1).err
    assert 'error: column "nope" does not exist (SQLSTATE 42703)\n' in err
    assert "at: migrations/3_bad.up.sql:2:13\n 2 | SELECT 'é', nope;\n   |             ^\n" in err


# ---- exit codes ------------------------------------------------------------------------------

@pytest.mark.slow
def test_exit_codes(two, make_project):
    assert two.godwit("status", "--check", code=3).out != ""
    two.godwit("up", code=0)
    two.godwit("status", "--check", code=0)
    two.godwit("verify", code=0)
    two.migration(1, "first", "CREATE TABLE first (id bigint);", "")
    two.godwit("verify", code=3)
    two.godwit("status", "--check", code=3)
    two.godwit("repair", code=0)
    two.godwit("status", "--check", code=0)
    two.godwit("status", "--wait-for", "2", "--timeout", "1s", code=0)
    waited = two.godwit("status", "--wait-for", "9", "--timeout", "200ms", "--json", code=3)
    assert waited.json["error"]["kind"] == "check"
    two.godwit("up", "--env", "nowhere", code=2)
    two.godwit("up", "--config", "none.yaml", code=2)


def test_an_environment_needs_a_file_that_names_it(bare_project, database):
    bare_project.migration(1, "a", "CREATE TABLE a (id int);")
    variable = {"DATABASE_URL": database.url}
    for words, more in ((["--env", "nosuch"], {}), ([], {"GODWIT_ENV": "nosuch"})):
        error = bare_project.godwit("--json", *words, "up", code=2, env={**variable, **more}).json["error"]
        assert error["message"] == 'there is no environment "nosuch"' and "godwit.yaml" in error["detail"], words
        assert "DATABASE_URL" in error["hint"]
    assert database.tables() == []
    bare_project.godwit("up", code=0, env=variable)
    bare_project.godwit("--env", "default", "status", "--check", code=0, env=variable)
    bare_project.godwit("--env", "ci", "--url", database.url, "status", "--check", code=0)


def test_the_version_as_a_document(godwit):
    assert godwit("--json", "--version", code=0).json == godwit("version", "--json", code=0).json
    assert godwit("--version", code=0).out.startswith("godwit ")


@pytest.mark.parametrize("value", ["soon", "2s", "1 2", "99999999999"])
def test_a_connect_timeout_that_is_no_number(project, value):
    for url, more in ((f"host=/nonexistent dbname=d connect_timeout='{value}'", {}),
                      (f"postgresql:///d?host=/nonexistent&connect_timeout={value.replace(' ', '%20')}", {}),
                      ("host=/nonexistent dbname=d", {"PGCONNECT_TIMEOUT": value})):
        error = project.godwit("--url", url, "up", "--json", code=2, env=more).json["error"]
        assert error["kind"] == "config" and error["detail"] == f'connect_timeout is "{value}"', url


def test_no_server_is_exit_4(project):
    result = project.godwit("up", "--url", "host=/nonexistent connect_timeout=1", code=4,
                            env={"GODWIT_CONNECT_TIMEOUT": "200ms"})
    assert result.err.startswith("error: ")


def test_protected(make_project, database):
    project = make_project()
    project.config({"environments": {"prod": {"url": database.url, "protected": True}}})
    project.migration(1, "first", "CREATE TABLE first (id int);", "DROP TABLE first;")
    for words in (("up",), ("baseline", "1"), ("repair",), ("adopt", "--from", "dbmate"), ("down",)):
        refused = project.godwit(*words, code=5)
        assert "--protected prod" in refused.err, words
        project.godwit(*words, "--protected", "other", code=5)
    assert database.tables() == []
    project.godwit("up", "--dry-run", code=0)
    project.godwit("status", code=0)
    project.godwit("up", "--protected", "prod", code=0)
    assert database.tables() == ["first"]


def test_destroy_asks(bare_project):
    bare_project.godwit("init", code=0)
    refused = bare_project.godwit("db", "destroy", code=5)
    assert "--yes" in refused.err
    assert bare_project.godwit("db", "destroy", "--json", code=5).json["error"]["kind"] == "refused"


# ---- streams ---------------------------------------------------------------------------------

def test_quiet_leaves_the_result(two):
    result = two.godwit("up", "-q", code=0)
    assert result.err == "" and result.out == "2 migrations applied\n"


def test_progress_is_on_stderr(two):
    result = two.godwit("up", code=0)
    assert re.fullmatch(r"applied 1 first \(\d+ ms\)\napplied 2 second \(\d+ ms\)\n", result.err)
    assert result.out == "2 migrations applied\n"


def test_a_terminal_gets_a_live_line(two, database):
    """Of a batch with what it has done, how fast, and how long it will take."""
    database.execute("CREATE TABLE kept AS SELECT id, 0 AS n FROM generate_series(1, 4) id; ANALYZE kept")
    two.migration(3, "slow", "-- godwit: batch kept.id 1\nUPDATE kept SET n = 1 WHERE id BETWEEN $1 AND $2"
                             " AND pg_sleep(0.4) IS NOT NULL;")
    code, said = two._program.on_terminal("up", cwd=two, env={"LANG": "C.UTF-8"})
    assert code == 0
    assert "\r\033[K" in said and "░" in said and "2/3" in said
    assert re.search(r"% \(\d of 4 rows\), [\d.]+ rows/s, \S+ m?s left", said), said
    assert "\033[32mapplied\033[0m 1 first" in said
    code, said = two._program.on_terminal("up", "--no-color", cwd=two)
    assert code == 0 and "\033[3" not in said
    code, said = two._program.on_terminal("status", cwd=two, env={"NO_COLOR": "1"})
    assert code == 0 and "\033[3" not in said


def test_a_reader_that_goes_away_is_no_failure(two, binary):
    for number in range(10, 400):
        two.migration(number, f"table_{number}" + "x" * 100, f"SELECT {number};")
    read, write = os.pipe()
    os.close(read)
    run = subprocess.run([binary, "status"], cwd=two.path, stdout=write, stderr=subprocess.PIPE, timeout=60)
    os.close(write)
    assert run.returncode == 0 and run.stderr == b""


def test_verbose_says_what_its_help_promises(two, database):
    text = two.godwit("--help", code=0).out
    assert "the settings, each connection and attempt" in " ".join(text.split())
    two.migration(3, "third", "SELECT 1;\nCREATE ROLE secretive PASSWORD 'hunter2'; DROP ROLE secretive;\nSELECT 1/0;\n")
    said = two.godwit("-v", "up", code=1).err
    lines = [line for line in said.splitlines() if " debug: " in line]
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", line) for line in lines), said
    settings, = [line for line in lines if "debug: settings" in line]
    assert "lock_timeout_ms=2000" in settings and "environment=" in settings and "url_from=" in settings
    connected = [line for line in lines if "debug: connected" in line]
    version = database.value("SHOW server_version").split()[0]
    assert connected and all(version in line and "duration_ms=" in line for line in connected), said
    statements = [line for line in lines if "statement" in line and "3_third.up.sql" in line]
    assert re.search(r"debug: statement at=\S*3_third\.up\.sql:1 kind=SELECT duration_ms=\d+", statements[0]), said
    assert "statement failed" in statements[-1] and "3_third.up.sql:3" in statements[-1]
    assert "hunter2" not in said
    assert "debug:" not in two.godwit("up", code=1).err


def test_closed_standard_streams(two, binary):
    def run(words, *closed):
        def close():
            for fd in closed:
                os.close(fd)
        return subprocess.run([binary, *words], cwd=two.path, stdin=subprocess.DEVNULL, capture_output=True,
                              preexec_fn=close, timeout=60, check=False)

    said = run(["status"], 1)
    assert said.returncode == 1, said
    assert b"could not be written" in said.stderr and b"detail: standard output is closed" in said.stderr
    # What is done and cannot be said would look as if it had failed.
    said = run(["up"], 1)
    assert said.returncode == 1 and b"standard output is closed" in said.stderr and b"nothing was done" in said.stderr
    assert two.states() == {"1": "pending", "2": "pending"}
    # What is opened next must not become anybody's stdout.
    assert run(["up"], 0, 1, 2).returncode == 1
    assert two.states() == {"1": "pending", "2": "pending"}
    assert run(["up", "--dry-run"], 0, 1, 2).returncode == 1
    assert run(["up"], 0, 2).returncode == 0
    assert two.states() == {"1": "applied", "2": "applied"}
    assert run(["status"], 0, 2).returncode == 0


def test_a_blank_variable_says_nothing(two, bare_project):
    two.godwit("up", code=0, env={"DATABASE_URL": " ", "GODWIT_URL": "\t", "GODWIT_LOCK_TIMEOUT": " "})
    said = bare_project.godwit("status", code=2, env={"DATABASE_URL": "  "})
    assert "no DATABASE_URL" in said.err
    said = two.godwit("--url", " ", "status", code=2)
    assert "the URL (from --url) is blank" in said.err


def test_an_empty_url_goes_nowhere(two, database):
    """--url "$NOT_SET" must not lead to whatever libpq finds by itself."""
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    libpq = {names[k]: v for k, v in parse_dsn(database.url).items() if k in names}
    for words in (["--url", ""], ["--url="]):
        for command in ("up", "status", "down"):
            said = two.godwit(*words, command, code=2, env=libpq)
            assert "the URL (from --url) is empty" in said.err and "a variable that is not set?" in said.err
    assert database.tables() == []
    assert two.godwit("--url", "", "status", "--json", code=2).json["error"]["kind"] == "config"
    two.godwit("up", code=0, env={"GODWIT_URL": "", "PGDATABASE": "godwit_no_such_database"})
    assert two.states() == {"1": "applied", "2": "applied"}


def test_a_wrong_variable_is_named(two):
    said = two.godwit("status", code=2, env={"GODWIT_LOG_FORMAT": "xml"})
    assert 'not "xml"' in said.err and "hint: that is the value of the variable GODWIT_LOG_FORMAT" in said.err
    two.write(".env", "GODWIT_LOG_FORMAT=xml\n")
    assert "GODWIT_LOG_FORMAT in .env" in two.godwit("status", code=2).err


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_a_full_disk_under_the_result_is_one(two, binary):
    with open("/dev/full", "w") as full:
        run = subprocess.run([binary, "status"], cwd=two.path, stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert run.returncode == 1 and b"could not be written" in run.stderr


def test_json_logs(two):
    two.migration(3, "bad", "SELECT nope;")
    result = two.godwit("--log-format", "json", "up", code=1)
    records = [json.loads(line) for line in result.err.splitlines()]
    assert {"time", "level", "message", "run", "span", "fields"} <= set(records[0])
    assert len({r["run"] for r in records}) == 1 and re.fullmatch("[0-9a-f]{32}", records[0]["run"])
    assert re.fullmatch("[0-9a-f]{16}", records[0]["span"])
    finished = [r for r in records if r["message"] == "migration finished"]
    assert [r["fields"]["version"] for r in finished] == ["1", "2"]
    assert records[-1]["level"] == "error" and records[-1]["fields"]["sqlstate"] == "42703"
    # the same run that the audit names
    events = two.godwit("history", "--json", code=0).json["events"]
    assert {e["run"] for e in events} == {records[0]["run"]}
    # GODWIT_LOG_FORMAT says the same; -q leaves the error
    quiet = two.godwit("up", "-q", code=1, env={"GODWIT_LOG_FORMAT": "json"})
    assert {json.loads(line)["level"] for line in quiet.err.splitlines()} == {"error"}


# ---- signals ---------------------------------------------------------------------------------

def stop_at_once(running):
    """Two requests: two of one kind could arrive as one."""
    running.signal(signal.SIGINT)
    running.signal(signal.SIGTERM)


def test_asked_twice_stops_at_once(two, database):
    two.migration(2, "second", "SELECT pg_sleep(60); CREATE TABLE second (id int);")
    running = two.start("up")
    until(lambda: database.value("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60)%' "
                                 "AND datname = current_database() AND state = 'active'"))
    stop_at_once(running)
    assert "error: " in running.finish(code=6).err
    assert database.tables() == ["first"]
    two.migration(2, "second", "CREATE TABLE second (id int);")
    two.godwit("up", code=0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_once_stops_after_the_current_migration(two, database, number):
    two.migration(1, "first", "SELECT pg_advisory_lock(42); CREATE TABLE first (id int);")
    with database.connect() as holder, holder.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(42)")
        running = two.start("up", env={"GODWIT_LOCK_TIMEOUT": "0"})
        until(lambda: database.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                                     "AND datname = current_database()"))
        running.signal(number)
        cursor.execute("SELECT pg_advisory_unlock(42)")
        result = running.finish(code=6)
    assert result.out == "1 migration applied, 1 pending\n"
    assert database.tables() == ["first"]
    two.godwit("up", code=0)
    assert database.tables() == ["first", "second"]


# ---- secrets ---------------------------------------------------------------------------------

def test_a_password_is_not_in_ps(two, database):
    """Neither as --url URL nor as --url=URL, while it runs."""
    two.migration(3, "slow", "SELECT pg_sleep(60);")
    url = database.url_for("postgres", "secret-tooth")
    for words in (("--url", url), (f"--url={url}",)):
        running = two.start("up", *words)
        until(lambda: database.value("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60)%' "
                                     "AND datname = current_database() AND state = 'active'"))
        line = pathlib.Path(f"/proc/{running.pid}/cmdline").read_bytes()
        assert b"secret-tooth" not in line and b"up" in line
        stop_at_once(running)
        running.finish(code=6)


@pytest.mark.parametrize("words", [
    ("up",), ("up", "--json"), ("up", "-v"), ("up", "--log-format", "json"), ("status",), ("db", "psql"),
])
def test_a_password_is_in_no_output(project, words):
    url = "postgresql://someone:secret-tooth@127.0.0.1:1/nowhere"
    result = project.godwit(*words, "--url", url, env={"GODWIT_CONNECT_TIMEOUT": "100ms"})
    assert result.code != 0
    assert "secret-tooth" not in result.out + result.err


@pytest.mark.parametrize("words", [
    ("postgresql://someone:secret-tooth@host/db",),
    ("up", "postgresql://someone:secret-tooth@host/db"),
    ("up", "host=x password=secret-tooth"),
    ("up", "--ulr=postgresql://someone:secret-tooth@host/db"),
])
def test_a_connection_string_in_the_wrong_place_is_not_quoted_back(godwit, words):
    result = godwit(*words, code=2)
    assert "secret-tooth" not in result.err


def test_psql_gets_the_password_in_its_environment_only(project, tmp_path):
    """A psql that says what it was given."""
    fake = tmp_path / "psql"
    fake.write_text('#!/bin/sh\nprintf "%s\\n" "args: $*" "password: $PGPASSWORD"\n')
    fake.chmod(0o755)
    result = project.godwit("db", "psql", "--url", "postgresql://someone:secret%20tooth@host:99/shop?sslmode=disable",
                            "--", "-c", "select 1", code=0, env={"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    arguments, password = result.out.splitlines()
    assert password == "password: secret tooth"
    assert "secret" not in arguments
    assert "user='someone'" in arguments and "host='host'" in arguments and "dbname='shop'" in arguments
    assert arguments.endswith("-c select 1")


def test_psql_runs(project):
    result = project.godwit("db", "psql", "--", "-Atc", "select 6 * 7", code=0)
    assert result.out == "42\n"


# ---- tenants ---------------------------------------------------------------------------------

def test_tenants_are_told_apart(make_project, database):
    project = make_project()
    project.config({"environments": {"dev": {"url": database.url, "for_each": {"schemas": "tenant_%"}}}})
    project.migration(1, "first", "CREATE TABLE first (id int);", "DROP TABLE first;")
    for name in ("tenant_a", "tenant_b", "tenant_c"):
        database.execute(f"CREATE SCHEMA {name}")
    database.execute("CREATE TABLE tenant_b.first ()")
    result = project.godwit("up")
    assert result.code not in (0, 3)
    assert "tenant tenant_b failed\nerror: " in result.err and "tenant_a failed" not in result.err
    assert "2 migrations applied, 1 pending, 3 tenants, 1 failed" in result.out

    document = project.godwit("up", "--json").json
    assert document["applied"] == [] and document["pending"] == 1 and "error" in document
    [failed] = document["tenants"]
    assert failed["tenant"] == "tenant_b" and failed["applied"] == []
    assert failed["error"]["sqlstate"] == "42P07"

    status = project.godwit("status", "--json", code=0).json
    assert {t["tenant"]: t["pending"] for t in status["tenants"]} == {"tenant_a": 0, "tenant_b": 1, "tenant_c": 0}
    assert status["pending"] == 1
    assert "tenant tenant_b\n" in project.godwit("status", code=0).out
