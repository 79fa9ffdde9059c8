"""What a person met who used Godwit for the first time."""
import contextlib
import os
import re

import pytest

from harness.blocking import WAIT_AT_GATE, closed_gate, until_blocked
from harness.waiting import until

COPY_OUT = [
    "COPY (SELECT 1) TO STDOUT",
    "CREATE TABLE a (x int);\nCOPY a TO stdout WITH (FORMAT csv)",
    "-- godwit: no-transaction\nCREATE TABLE a (x int);\nCOPY a TO stdout",
]


@pytest.mark.parametrize("sql", COPY_OUT)
def test_copy_to_stdout_is_refused_before_anything_runs(project, database, sql):
    project.migration(1, "before", "CREATE TABLE before ();")
    project.migration(2, "copy", sql + ";")
    line = sql.count("\n") + 1
    result = project.godwit("up", code=1, timeout=60)
    assert "COPY … TO STDOUT has nowhere to go here" in result.err
    assert f"2_copy.up.sql:{line}:1" in result.err
    assert database.tables() == []


def test_protected_by_another_environments_url_says_whose(bare_project, database):
    bare_project.config(f"""
default: dev
environments:
  dev: {{ url: "{database.url}" }}
  prod: {{ url: "{database.url}", protected: true }}
""")
    bare_project.migration(1, "a", "CREATE TABLE a ();")
    result = bare_project.godwit("up", code=5)
    assert "environment prod is protected" in result.err
    assert "environment dev is at the same URL" in result.err


# ---- what an error says ------------------------------------------------------------------------


@pytest.fixture
def refused(project):
    def call(*words, code=1, **options):
        return project.godwit(*words, "--json", code=code, **options).json["error"]
    return call


def test_a_version_is_not_read_as_a_count(project, refused):
    project.migration(1, "a", "CREATE TABLE a ();")
    project.migration(2, "b", "-- godwit: no-transaction\nCREATE TABLE b ();")
    assert refused("up", "--atomic")["message"] == "migration 2 runs outside a transaction"
    project.migration(2, "b", "-- godwit: requires=7\nCREATE TABLE b ();")
    assert refused("up")["message"].startswith("migration 2 requires 7")


@pytest.mark.parametrize("head, line", [
    ('CREATE TABLE "of, line 9 b" (id int, t text);\nCOPY "of, line 9 b" FROM stdin;\n', 5),
    ('CREATE TABLE "of, line 9 b" (id int, t text);\nCOPY "of, line 9 b"\n  FROM stdin -- here\n;\n', 7),
    (f'CREATE TABLE {"n" * 70} (id int, t text);\nCOPY {"n" * 70} FROM stdin;\n', 5),
])
@pytest.mark.parametrize("directive", ["", "-- godwit: no-transaction\n"])
def test_the_place_of_an_error_in_copy_data_is_its_line(project, refused, head, line, directive):
    project.migration(1, "c", f"{directive}{head}1\tone\n2\ttwo\nthree\tthree\n\\.\n")
    error = refused("up")
    assert error["sqlstate"] == "22P02"
    assert error["where"] == f"migrations/1_c.up.sql:{line + bool(directive)}:1"


def test_copy_data_that_a_constraint_refuses_has_its_line(project, refused):
    project.migration(1, "c", "CREATE TABLE c (id int CHECK (id < 3));\nCOPY c FROM stdin (FORMAT csv, HEADER);\n"
                              "id\n1\n2\n3\n\\.\n")
    assert refused("up")["where"] == "migrations/1_c.up.sql:6:1"


@pytest.mark.parametrize("directive", ["", "-- godwit: no-transaction\n"])
def test_who_was_terminated_was_at_a_statement(project, refused, directive):
    project.migration(1, "a", f"{directive}SELECT 1;\nSELECT pg_terminate_backend(pg_backend_pid());\nSELECT 3;\n")
    error = refused("up", code=4)
    assert error["sqlstate"] == "57P01"
    assert error["where"] == f"migrations/1_a.up.sql:{2 + bool(directive)}:1"


def test_godwits_own_statements_are_not_shown(project, database):
    project.migration(1, "a", "CREATE TABLE a ();")
    project.godwit("up", code=0)
    database.execute("ALTER TABLE godwit.events DROP COLUMN message")
    project.migration(2, "b", "CREATE TABLE b ();")
    for words in (("up",), ("status",), ("history",)):
        said = project.godwit(*words, code=1).err
        assert "message" in said and "while:" in said
        assert "statement:" not in said and "INSERT INTO" not in said and "control/" not in said


def test_the_grants_of_the_hint_are_enough_and_no_more(project, database, refused):
    role = database.role("GRANT CREATE ON SCHEMA public TO {role}")
    url = database.url_for(role)
    project.migration(1, "a", "CREATE TABLE a ();")
    project.godwit("up", code=0)
    project.migration(2, "b", "CREATE TABLE b ();", "DROP TABLE b;")
    hint = refused("up", url=url)["hint"]
    grants = re.findall(r"GRANT [^;]*? TO [^;]+", hint)
    assert len(grants) == 5 and "ALL" not in hint
    for grant in grants[:2]:
        database.execute(grant)
    assert project.states(url=url) == {"1": "applied", "2": "pending"}
    project.godwit("history", code=0, url=url)
    assert refused("up", url=url)["sqlstate"] == "42501"
    for grant in grants[2:]:
        database.execute(grant)
    project.godwit("up", code=0, url=url)
    project.godwit("down", code=0, url=url)


def test_quiet_check_says_nothing(project):
    project.migration(1, "a", "CREATE TABLE a ();")
    said = project.godwit("status", "--check", "-q", code=3)
    assert (said.out, said.err) == ("", "")
    assert "pending" in project.godwit("status", "-q", code=0).out
    assert project.godwit("status", "--check", "-q", "--json", code=3).json["pending"] == 1


@pytest.mark.parametrize("name, shown", [("2_a\nb.up.sql", "2_a?b.up.sql"), ("2_\x1b[31mb.up.sql", "2_?[31mb.up.sql")])
def test_a_control_character_in_a_files_name_is_refused(project, refused, name, shown):
    project.migration(1, "a", "CREATE TABLE a ();")
    project.write(f"migrations/{name}", "SELECT 1;")
    error = refused("up")
    assert error["message"].startswith(f"the name of {shown} has a line break")
    assert error["where"] == f"migrations/{shown}" and error["hint"]


def test_a_folder_named_as_a_file_is_not_passed_over(project, refused):
    project.migration(1, "a", "CREATE TABLE a ();")
    (project.path / "migrations" / "2_b.up.sql").mkdir()
    for word in ("up", "status"):
        error = refused(word)
        assert "2_b.up.sql is a folder" in error["message"] and error["where"] == "migrations/2_b.up.sql"


def test_offsets_in_a_file_begin_at_one(project, refused):
    for text in (b"SELECT 1;\n\0", b"SELECT 1;\n\xff"):
        (project.path / "migrations" / "1_a.up.sql").write_bytes(text)
        error = refused("up")
        assert "at byte 11 of the file" in error["detail"] and error["where"].endswith(":2:1")


def test_a_repeatable_file_of_flyway_has_no_version(project):
    project.write("migrations/V1__a.sql", "CREATE TABLE a (id int);")
    project.write("migrations/R__some_view.sql", "CREATE OR REPLACE VIEW v AS SELECT 1 AS x;")
    assert "applied R__some_view (" in project.godwit("up", code=0).err
    project.write("migrations/R__some_view.sql", "CREATE OR REPLACE VIEW v AS SELECT 1/0 AS x;\nSELECT * FROM v;")
    failed = project.godwit("up", code=1).err
    assert "failed R__some_view\n" in failed and "in migration R__some_view\n" in failed
    text = project.godwit("status", code=0).out
    assert re.search(r"^failed +R +some view ", text, re.M) and "\nR__some_view failed at " in text


def test_an_empty_environment_is_refused(project, refused):
    error = refused("--env", "", "status", code=2)
    assert "is empty" in error["message"] and "--env" in error["message"]
    project.godwit("status", code=0, env={"GODWIT_ENV": ""})


def test_the_one_that_waited_is_told_why_nothing_is_left(project, database):
    project.migration(1, "a", f"-- godwit: lock_timeout=1min\n{WAIT_AT_GATE}")
    with closed_gate(database):
        first = project.start("up")
        until_blocked(database, first)
        second = project.start("up")
        until(lambda: "waiting:" in second.said(), what="the word that it waits")
    first.finish(0)
    assert second.finish(0).out == "nothing to apply any more: another run has done it meanwhile\n"
    assert project.godwit("up", code=0).out == "nothing to apply\n"


def test_what_is_said_of_a_file_that_changed_or_is_gone(project):
    project.migration(1, "a", "CREATE TABLE a ();")
    project.migration(2, "b", "CREATE TABLE b ();")
    project.godwit("up", code=0)
    project.migration(1, "a", "CREATE TABLE a ();\n-- more")
    said = project.godwit("verify", code=3).out
    assert "git log -p -- FILE" in said and "godwit repair" in said
    project.remove("migrations/2_b.up.sql")
    assert "git log --diff-filter=D" in project.godwit("verify", code=3).err


def test_a_baseline_that_is_none_of_the_files_names_the_newest(project, refused):
    project.migration(9, "a", "CREATE TABLE a ();")
    project.migration(10, "b", "CREATE TABLE b ();")
    assert "the newest is 10;" in refused("baseline", "11", code=2)["hint"]


def test_a_blank_url_has_its_place(project, refused):
    project.config('default: dev\nenvironments:\n  dev: { url: " " }\n')
    assert refused("status", code=2)["where"] == "godwit.yaml:3:15"
    error = refused("--url", " ", "status", code=2)
    assert "blank" in error["message"] and error["where"] is None  # it is not the file's


# ---- stopped half-way: what is left of it --------------------------------------------------------

HALF = "-- godwit: no-transaction\nCREATE TABLE x1 ();\nCALL work();\n"


@pytest.fixture
def in_doubt(project, database):
    """Version 2 was killed inside its second statement of three."""
    database.execute("CREATE PROCEDURE work() LANGUAGE plpgsql AS $$ BEGIN COMMIT; "
                     "PERFORM set_config('lock_timeout', '1min', false); PERFORM pg_advisory_xact_lock(4711); END $$")
    project.migration(2, "b", f"{HALF}CREATE TABLE x2 ();\n", "DROP TABLE x1;")
    with closed_gate(database):
        running = project.start("up")
        backend, = until_blocked(database, running)
        running.kill()
        database.execute("SELECT pg_terminate_backend(%s)", [backend])
    until(lambda: not database.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [backend]), what="its end")
    return project


LEFT_OUT = "statement 3 of 3 never ran, and --done leaves out what is behind: first cut the file off behind statement 2"


def test_done_does_not_hide_what_never_ran(in_doubt, database, refused):
    project = in_doubt
    assert LEFT_OUT in refused("up")["hint"] and LEFT_OUT in project.godwit("status", code=0).out
    asked = refused("repair", "2")
    assert "stopped inside statement 2 of 3" in asked["message"] and LEFT_OUT in asked["hint"]
    error = refused("repair", "2", "--done", code=5)
    assert error["message"].endswith("is not all there: statement 3 of 3 never ran")
    assert "cut the file off behind statement 2" in error["hint"] and "--done --yes" in error["hint"]
    refused("repair", "2", "--done", "--dry-run", code=5)
    assert project.states() == {"2": "failed"}
    project.migration(2, "b", HALF)
    project.migration(3, "c", "CREATE TABLE x2 ();")
    project.godwit("repair", "2", "--done", code=0)
    project.godwit("up", code=0)
    assert {"x1", "x2"} <= set(database.tables()) and project.states() == {"2": "applied", "3": "applied"}
    assert project.godwit("verify", "--no-drift", code=0)


def test_done_by_hand_wants_yes_and_is_told(in_doubt, database):
    done = in_doubt.godwit("repair", "2", "--done", "--yes", code=0)
    assert "marked as done, although statement 3 of 3 never ran: Godwit will not run it" in done.out
    assert in_doubt.states() == {"2": "applied"} and "x2" not in database.tables()


def test_a_doubtful_statement_that_was_edited_stops_again(in_doubt, refused):
    in_doubt.migration(2, "b", HALF.replace("work()", "work( )"))
    said = in_doubt.godwit("up", code=1).err
    assert "has been edited" in said and "1 of 2 statements are done and stay" in said
    assert "goes on behind" not in said and "the next run finds out" not in said


def test_a_batch_that_stopped_counts_rows(project, database, refused):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t SELECT n, 0 FROM generate_series(1, 500) n;"
                     "INSERT INTO t VALUES (501, 7); ALTER TABLE t ADD CHECK (v < 8)")
    project.migration(1, "b", "-- godwit: batch t.id 100\nUPDATE t SET v = v + 1 WHERE id BETWEEN $1 AND $2;")
    refused("up")
    assert "stopped after 500 rows" in refused("repair", "1")["message"]
    error = refused("repair", "1", "--done", code=5)
    assert "did not come to its end" in error["message"] and "godwit up goes on" in error["hint"]
    project.godwit("repair", "1", "--done", "--yes", code=0)


def test_a_down_that_stopped_half_way_says_so(project, refused):
    project.migration(1, "a", "CREATE TABLE a ();", "-- godwit: no-transaction\nDROP TABLE a;\nSELECT 1/0;")
    project.godwit("up", code=0)
    refused("down")
    text = project.godwit("status", code=0).out
    assert "1 a (its down file) stopped after statement 1 of 2; the next down goes on from there" in text
    item, = project.godwit("status", "--json", code=0).json["migrations"]
    assert item["reverting"] is True
    assert "godwit down goes on with it" in refused("up")["hint"]
    assert refused("repair", "1")["message"].startswith("the down file of migration 1 stopped after 1 of 2")
    assert "statement 2 of 2 did not run to the end" in refused("repair", "1", "--done", code=5)["message"]
    project.migration(1, "a", "CREATE TABLE a ();", "-- godwit: no-transaction\nDROP TABLE a;\nSELECT 1;")
    project.godwit("down", code=0)
    assert project.states() == {"1": "pending"}


def test_status_says_what_becomes_of_an_invalid_index(project, database):
    database.execute("CREATE TABLE a AS SELECT 1 AS id")
    project.migration(1, "i", "CREATE INDEX CONCURRENTLY a_id ON a (id);")
    with contextlib.closing(database.connect(autocommit=False)) as old:
        with old.cursor() as cursor:
            cursor.execute("INSERT INTO a VALUES (2)")
        running = project.start("up")
        backend, = until(lambda: database.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                                                  " AND query LIKE 'CREATE INDEX%%' AND wait_event_type = 'Lock'"),
                         what="the build")[0]
        running.kill()
        database.execute("SELECT pg_terminate_backend(%s)", [backend])
    until(lambda: not database.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [backend]), what="its end")
    text = project.godwit("status", code=0).out
    assert "1 i stopped inside statement 1 of 1 (CREATE INDEX CONCURRENTLY): the next up finds out" in text
    assert "INVALID is dropped first" in text
    project.godwit("up", code=0)
    assert database.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_id'::regclass") == [(True,)]


def test_a_missing_file_is_brought_back_not_written(project, refused):
    for n in (1, 2):
        project.migration(n, "a", f"CREATE TABLE a{n} ();", f"DROP TABLE a{n};")
    project.migration(3, "c", "CREATE TABLE c ();")
    project.godwit("up", code=0)
    project.remove("migrations/2_a.up.sql")
    project.remove("migrations/2_a.down.sql")
    hint = refused("down", "--to", "1")["hint"]
    assert "write the down script" in hint and "bring the missing file back" in hint
    project.migration(3, "c", "CREATE TABLE c ();", "DROP TABLE c;")
    hint = refused("down", "--to", "1")["hint"]
    assert hint.startswith("bring the missing file back") and "write" not in hint


def test_where_all_tenants_failed_no_others_are_done(project, database, refused):
    database.execute("CREATE SCHEMA tenant_a; CREATE SCHEMA tenant_b")
    project.config({"default": "x", "environments": {"x": {"url": database.url, "for_each": {"schemas": "tenant_%"}}}})
    project.migration(1, "a", "SELECT 1/0;")
    error = refused("up")
    assert error["message"] == "2 of 2 tenants failed" and "others" not in error["hint"]
    database.execute("CREATE TABLE tenant_a.there ()")
    project.migration(1, "a", "SELECT 'there'::regclass;")
    assert refused("up")["hint"].startswith("the others are done; ")


def test_verify_of_a_file_that_does_not_parse_any_more_is_a_finding(project):
    project.migration(1, "a", "CREATE TABLE a ();")
    project.godwit("up", code=0)
    project.migration(1, "a", "CREATE TABLEX a ();")
    said = project.godwit("verify", code=3)
    assert "modified" in said.out and "drift was not looked for: " in said.err and "1_a.up.sql:1:" in said.err
    assert "pending" not in said.err and "put the edited file back" in said.err
    assert project.godwit("verify", "--json", code=3).json["drift"]["compared"] is False


# ---- small things ----------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["5", "true", "1.5"])
def test_a_url_that_is_no_text_has_its_place(project, refused, url):
    project.config(f"default: dev\nenvironments:\n  dev: {{ url: {url} }}\n")
    error = refused("status", code=2)
    assert error["message"] == f'"url" takes a text, not "{url}"' and error["where"] == "godwit.yaml:3:15"
    assert f"dbname={url}" in error["hint"]


def test_a_pipe_among_the_migrations_says_what_to_do(project, refused):
    os.mkfifo(project.path / "migrations" / "9_f.up.sql")
    error = refused("up", timeout=30)
    assert error["where"] == "migrations/9_f.up.sql" and "plain file" in error["hint"]


@pytest.mark.slow
def test_a_server_that_stops_is_said_once(make_project, restartable_server):
    database = restartable_server.create_database()
    project = make_project(database.url)
    project.migration(1, "a", "SELECT pg_sleep(60);")
    running = project.start("up")
    until(lambda: database.execute("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60)%' AND state = 'active'"),
          what="the statement")
    restartable_server.stop("immediate")
    said = running.finish(4).err
    assert "invalid socket" not in said and "severity=" not in said
    assert said.count("immediate shutdown") <= 2, said  # as a warning, and with the error
