"""libgodwit as a stranger meets it: the installed header, libraries and pkg-config file, and the service
in examples/service-c built against them."""
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from harness.blocking import WAIT_AT_GATE, closed_gate, lock_waiters
from harness.waiting import until

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples/service-c"
LATEST = "20261101091000"


def run(*words, code=0, **options):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=300, **options)
    assert done.returncode == code, f"{words}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="session")
def installed(scratch, binary):
    """A tree as `meson install` makes it. The libraries of a sanitizer build want its runtime."""
    tree = scratch / "installed"
    run("meson", "install", "-C", binary.parent, "--no-rebuild", "--destdir", tree)
    # The tree stands in for the root: the one path that the file knows moves with it.
    [pc] = tree.rglob("libgodwit.pc")
    pc.write_text(pc.read_text().replace("prefix=/", f"prefix={tree}/", 1))
    return tree


@pytest.fixture(scope="session")
def sanitizers(binary):
    """What a program has to be built with to load these libraries: as they were built."""
    options = run("meson", "introspect", binary.parent, "--buildoptions").stdout
    chosen = {o["name"]: o["value"] for o in json.loads(options)}["b_sanitize"]
    return [] if chosen == "none" else [f"-fsanitize={chosen}"]


@pytest.fixture(scope="session")
def service(scratch, installed, sanitizers):
    """(folder, environment) with `service` and `service-static` built in it."""
    folder = scratch / "service-c"
    shutil.copytree(EXAMPLE, folder)
    [pc] = installed.rglob("libgodwit.pc")
    [library] = installed.rglob("libgodwit.so.0")
    environment = {**os.environ, "PKG_CONFIG_PATH": str(pc.parent)}
    flags = " ".join(["-O1 -g -Wall -Wextra -Werror", *sanitizers])
    for target in ("service", "service-static"):
        run("make", "-C", folder, target, f"CFLAGS={flags}", env=environment)
    return folder, {**os.environ, "LD_LIBRARY_PATH": str(library.parent),
                    "ASAN_OPTIONS": "detect_leaks=1", "UBSAN_OPTIONS": "halt_on_error=1"}


def test_what_is_installed(installed):
    names = {p.name for p in installed.rglob("*") if not p.is_dir()}
    assert {"godwit", "godwit.h", "libgodwit.a", "libgodwit.so", "libgodwit.so.0", "libgodwit.pc",
            "godwit.1"} <= names


def test_only_the_interface_is_visible(installed):
    [library] = installed.rglob("libgodwit.so.0")
    out = run("nm", "-D", "--defined-only", library).stdout
    names = {line.split()[-1].split("@")[0] for line in out.splitlines()}
    ours = {n for n in names if n.startswith(("gw_", "godwit_"))}
    declared = {w.split("(")[0].lstrip("*") for w in (ROOT / "include/godwit.h").read_text().split()
                if w.lstrip("*").startswith("godwit_") and "(" in w}
    assert {"godwit_open", "godwit_up", "godwit_error"} <= ours
    assert ours <= declared


def test_the_header_is_c_and_c_plus_plus(installed):
    [header] = installed.rglob("godwit.h")
    text = ("#include <godwit.h>\n#include <godwit.h>\nint main(void) { godwit_options o = GODWIT_OPTIONS_INIT;\n"
            "godwit_run r = GODWIT_RUN_INIT; return (int)(o.size - sizeof o + r.size - sizeof r); }\n")
    for compiler, standard in (("cc", "-std=c11"), ("c++", "-std=c++17")):
        if shutil.which(compiler):
            run(compiler, "-x", "c" if compiler == "cc" else "c++", standard, "-Wall", "-Wextra", "-Werror",
                "-pedantic", "-I", header.parent, "-fsyntax-only", "-", input=text)


@pytest.mark.parametrize("program", ["service", "service-static"])
def test_the_service_migrates_and_works(service, database, program):
    folder, environment = service
    environment = {**environment, "DATABASE_URL": database.url}
    first = run(folder / program, "migrate", folder, env=environment)
    assert first.stdout == ("service: migrated to 20261101090000 greetings\n"
                            "service: migrated to 20261101091000 first_greetings\n"
                            "service: 2 applied, 0 pending\nservice: 2 greetings\n")
    assert "service: 0 applied, 0 pending\n" in run(folder / program, "migrate", folder, env=environment).stdout
    # two threads, a handle each
    both = run(folder / program, "threads", folder, LATEST, env=environment)
    assert both.stdout.count(f" is at {LATEST}\n") == 2


def test_the_static_one_needs_no_libgodwit(service):
    folder, _ = service
    assert "libgodwit" not in run("ldd", folder / "service-static").stdout
    assert "libgodwit.so.0" in run("ldd", folder / "service").stdout


def test_one_waits_for_the_other(service, database):
    folder, environment = service
    environment = {**environment, "DATABASE_URL": database.url}
    waiting = subprocess.Popen([folder / "service", "wait", folder, LATEST], env=environment, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    run(folder / "service", "migrate", folder, env=environment)
    out, err = waiting.communicate(timeout=60)
    assert waiting.returncode == 0, err
    assert out.endswith("service: 2 greetings\n")


def test_an_error_says_where(service, database, tmp_path):
    folder, environment = service
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    (broken / "migrations/20261101092000_bad.up.sql").write_text("SELECT 1;\nSELECT nope;\n")
    done = run(folder / "service", "migrate", broken, code=1, env={**environment, "DATABASE_URL": database.url})
    assert 'service: column "nope" does not exist\n' in done.stderr
    assert "20261101092000_bad.up.sql:2:8\n" in done.stderr
    assert database.value("SELECT count(*) FROM greetings") == 2


def test_what_would_be_lost_is_refused(service, database, tmp_path):
    folder, environment = service
    environment = {**environment, "DATABASE_URL": database.url}
    project = tmp_path / "project"
    shutil.copytree(folder, project)
    run(folder / "service", "migrate", project, env=environment)
    drop = project / "migrations/20261101092000_drop.up.sql"
    drop.write_text("CREATE TABLE fine (id int);\nDROP TABLE greetings;\n")
    refused = run(folder / "service", "migrate", project, code=1, env=environment).stderr
    assert "this would lose data: table public.greetings is dropped: 2 rows" in refused
    assert sorted(database.tables()) == ["greetings"]
    drop.write_text("-- godwit: allow-data-loss\nALTER TABLE greetings RENAME TO kept; CREATE TABLE greetings (id int);\n"
                    "DROP TABLE kept;\n")
    run(folder / "service", "migrate", project, env=environment)
    assert database.value("SELECT count(*) FROM greetings") == 0


BACK = r"""
#include <godwit.h>
#include <stdio.h>

static void see(void *data, const godwit_progress *p)
{
    if (p->step == GODWIT_STEP_SQL || p->step == GODWIT_STEP_DONE)
        printf("%s %s %d %s\n", (const char *)data, p->version ? p->version : "-", p->revert, p->step == GODWIT_STEP_SQL ? p->text : "done");
}

int main(int argc, char **argv)
{
    godwit_options options = GODWIT_OPTIONS_INIT;
    godwit_run run = GODWIT_RUN_INIT;
    godwit_project *project;
    const godwit_result *result;
    options.directory = argv[1];
    options.progress = see;
    options.data = "saw";
    run.dry_run = argc > 3 && *argv[3] == 'd';
    run.allow_data_loss = argc > 3 && *argv[3] == 'a';
    run.to = argc > 2 ? argv[2] : NULL;
    if (godwit_open(&options, &project) == GODWIT_OK && godwit_down(project, argc > 2 ? &run : NULL, &result) == GODWIT_OK)
        for (size_t i = 0; i < result->count; i++)
            printf("back %s, %zu pending\n", result->done[i]->version, result->pending);
    godwit_code code = godwit_error(project)->code;
    if (code != GODWIT_OK)
        fprintf(stderr, "%s\n", godwit_error(project)->message);
    godwit_close(project);
    return (int)code;
}
"""


def compiled(installed, sanitizers, program, source):
    [pc] = installed.rglob("libgodwit.pc")
    flags = run("pkg-config", "--cflags", "--libs", "libgodwit", env={**os.environ, "PKG_CONFIG_PATH": str(pc.parent)}).stdout
    run("cc", "-x", "c", "-g", "-Wall", "-Wextra", "-Werror", *sanitizers, "-o", program, "-", "-pthread", *flags.split(),
        input=source)
    return program


def test_a_program_rolls_back(service, installed, sanitizers, database, tmp_path):
    folder, environment = service
    environment = {**environment, "DATABASE_URL": database.url}
    program = compiled(installed, sanitizers, tmp_path / "back", BACK)
    run(folder / "service", "migrate", folder, env=environment)
    planned = run(program, folder, "0", "dry", env=environment).stdout
    assert "DROP TABLE greetings" in planned and database.tables() == ["greetings"]
    lossy = subprocess.run([program, folder], env=environment, capture_output=True, text=True, timeout=60)
    assert lossy.returncode and "all rows of public.greetings are deleted" in lossy.stderr
    done = run(program, folder, "20261101090000", "allow", env=environment).stdout
    assert done == f"saw {LATEST} 1 done\nback {LATEST}, 1 pending\n"
    refused = subprocess.run([program, folder, "20990101000000"], env=environment, capture_output=True, text=True, timeout=60)
    assert refused.returncode and "20990101000000" in refused.stderr
    assert database.value("SELECT count(*) FROM greetings") == 0
    assert [v for (v,) in database.execute("SELECT version FROM godwit.migrations")] == ["20261101090000"]


def test_no_project_is_an_error_and_not_a_crash(service, tmp_path):
    folder, environment = service
    environment = {k: v for k, v in environment.items() if k not in ("DATABASE_URL", "GODWIT_URL")}
    assert run(folder / "service", "migrate", tmp_path, code=1, env=environment).stderr.startswith("service: ")


def test_status_says_who_was_and_who_is_there(service, database, tmp_path):
    folder, environment = service
    environment = {**environment, "DATABASE_URL": database.url}
    project = tmp_path / "project"
    shutil.copytree(folder, project)
    database.execute("CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);"
                     " INSERT INTO schema_migrations VALUES (20261101090000, false)")
    said = run(folder / "service", "status", project, env=environment).stdout
    assert said == ("service: 2 pending, 0 failed\n"
                    "service: golang-migrate was here: public.schema_migrations, 1 rows\n")
    refused = run(folder / "service", "migrate", project, code=1, env=environment).stderr
    assert "this database was migrated by golang-migrate" in refused
    database.execute("DROP TABLE schema_migrations")
    run(folder / "service", "migrate", project, env=environment)
    assert run(folder / "service", "status", project, env=environment).stdout == "service: 0 pending, 0 failed\n"
    (project / "migrations/20261101093000_slow.up.sql").write_text(
        f"-- godwit: lock_timeout=10min\n{WAIT_AT_GATE}\n")
    with closed_gate(database):
        running = subprocess.Popen([folder / "service", "migrate", project], env=environment, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        until(lambda: lock_waiters(database), what="a run that waits")
        said = run(folder / "service", "status", project, env=environment).stdout
        assert said.startswith("service: 1 pending, 0 failed\n") and said.endswith(" is at work (libgodwit)\n"), said
        running.kill()
        running.communicate(timeout=60)
        left, = lock_waiters(database)
        said = until(lambda: (lambda s: s if "gone" in s else None)(
            run(folder / "service", "status", project, env=environment).stdout), what="the word of its end")
        assert f"service: its runner is gone; process {left} goes on\n" in said


def test_handles_side_by_side(service, installed, sanitizers, make_database, make_project, tmp_path):
    program = compiled(installed, sanitizers, tmp_path / "side_by_side",
                       (ROOT / "tests/e2e/data/side_by_side.c").read_text())
    one, two, three = (make_database() for _ in range(3))
    project, broken = make_project(one.url), make_project(one.url)
    for folder in (project, broken):
        for i in range(1, 6):
            folder.migration(i, f"t{i}", f"CREATE TABLE t{i} (id int); INSERT INTO t{i} VALUES (1);", f"DROP TABLE t{i};")
    project.migration(6, "index", "-- godwit: no-transaction\nCREATE INDEX CONCURRENTLY i ON t1 (id);", "DROP INDEX i;")
    broken.migration(6, "bad", "SELECT 1/0;", "SELECT 1;")

    def together(*jobs):
        words = [part for word, folder, database in jobs for part in (word, folder.path, database.url)]
        said = run(program, *words, env={**service[1], "VERSION": "6"}).stdout.splitlines()
        return [line.split(" ", 4) for line in said]
    first, second, other, failed = together(("up", project, one), ("up", project, one), ("up", project, two),
                                            ("up", broken, three))
    assert sorted((first, second)) == [["up", "0", "0", "0"], ["up", "0", "6", "6"]]
    assert other == ["up", "0", "6", "6"]
    assert failed == ["up", "8", "5", "5", "division by zero"]
    assert [d.value("SELECT count(*) FROM godwit.migrations") for d in (one, two, three)] == [6, 6, 5]
    assert together(("down", project, one), ("down", project, two), ("down", broken, three)) == [
        ["down", "0", "6", "6"], ["down", "0", "6", "6"], ["down", "0", "5", "5"]]
    assert together(("watch", project, one), ("wait", project, one), ("up", project, one), ("watch", project, one),
                    ("up", project, two)) == [
        ["watch", "0", "0", "0"], ["wait", "0", "0", "0"], ["up", "0", "6", "6"], ["watch", "0", "0", "0"],
        ["up", "0", "6", "6"]]
