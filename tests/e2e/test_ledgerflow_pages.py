"""LedgerFlow's script, Makefile, CI files and pages do what they say."""
import re
import shutil
import subprocess
import time

import psycopg2
import pytest

from harness.ledgerflow import EXAMPLE, FIRST, code_blocks, seeds, versions
from harness.ledgerflow import ledgerflow, make_ledgerflow, shell  # noqa: F401 (fixtures)
from harness.program import ROOT

COMMON = sorted(set(versions()) - seeds())


# ---- migrate.sh ---------------------------------------------------------------------------


@pytest.fixture
def migrate(ledgerflow, shell, godwit):
    def run(words, code=0, **variables):
        return shell(f"./migrate.sh {words}", cwd=ledgerflow.project, code=code, GODWIT=godwit.binary,
                     **{**ledgerflow.variables("staging"), **variables})

    return run


def test_migrate_sh_goes_through_a_life(ledgerflow, migrate):
    migrate("-e staging up --to " + FIRST)
    assert ledgerflow.applied() == [FIRST]
    migrate("-e staging status --check", code=3)
    migrate("-e staging up")
    assert ledgerflow.applied() == COMMON
    migrate("-e staging status --check")
    migrate("-e staging verify")
    migrate("-e staging down")
    assert ledgerflow.applied() == COMMON[:-1]
    migrate("-e staging down 3")
    assert ledgerflow.applied() == COMMON[:-4]
    assert FIRST in migrate("-e staging status").out


def test_migrate_sh_runs_from_any_folder(ledgerflow, shell, godwit):
    shell(f"{ledgerflow.project.path}/migrate.sh -e staging up", cwd="/", GODWIT=godwit.binary,
          STAGING_DATABASE_URL=ledgerflow.database.url)
    assert ledgerflow.applied() == COMMON


def test_migrate_sh_makes_a_new_pair(ledgerflow, migrate):
    migrate("new add_order_notes")
    names = [f.name for f in (ledgerflow.project.path / "migrations").glob("*add_order_notes*")]
    assert sorted(n.split("_", 1)[1] for n in names) == ["add_order_notes.down.sql", "add_order_notes.up.sql"]
    assert all(n[:14].isdigit() and n[:14] > COMMON[-1] for n in names)


def test_migrate_sh_asks_for_the_name_of_prod(ledgerflow, migrate):
    prod = ledgerflow.variables("prod")
    assert "--protected" in migrate("-e prod up", code=5, **prod).err
    assert ledgerflow.applied() == []
    migrate("-e prod up --protected prod", **prod)
    assert ledgerflow.applied() == COMMON


@pytest.mark.parametrize("words, said", [
    ("", "usage:"),
    ("sideways", "no command 'sideways'"),
    ("-e moon up", "no environment 'moon'"),
    ("-x up", "usage:"),
    ("new", "needs a name"),
])
def test_migrate_sh_says_what_is_wrong(migrate, words, said):
    assert said in migrate(words, code=2).err


def test_migrate_sh_does_without_a_database_url_in_dev_only(migrate):
    assert "needs STAGING_DATABASE_URL" in migrate("-e staging up", code=2, STAGING_DATABASE_URL="").err
    assert "needs DATABASE_URL" in migrate("-e prod up", code=2).err
    assert "usage:" in migrate("-h", STAGING_DATABASE_URL="").out


def test_scripts_are_clean():
    done = subprocess.run(["shellcheck", EXAMPLE / "migrate.sh"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# ---- make setup ---------------------------------------------------------------------------


@pytest.mark.slow
def test_make_setup_is_all_that_a_developer_needs(ledgerflow, shell, godwit):
    project = ledgerflow.project
    done = shell("make setup", cwd=project, timeout=180, GODWIT=godwit.binary)
    assert all(version in done.out for version in versions())
    assert (project.path / ".godwit" / "postgres").is_dir()
    status = project.godwit("--env", "dev", "db", "status", "--json", code=0).json
    assert status["running"]
    connection = psycopg2.connect(status["url"])
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT order_id, status::text FROM orders ORDER BY 1")
            assert cursor.fetchall() == [("dev-0001", "completed"), ("dev-0002", "pending"),
                                         ("dev-0003", "expired")]
    finally:
        connection.close()

    def make(words):
        return shell(f"make {words}", cwd=project, timeout=180, GODWIT=godwit.binary).out

    # The seed goes and comes back by itself; a second setup has nothing to do.
    make("redo")
    make("setup")
    # The daily loop of DEVELOPMENT.md, in its order.
    make("new NAME=add_order_notes")
    up, = (project.path / "migrations").glob("*_add_order_notes.up.sql")
    up.write_text("ALTER TABLE orders ADD COLUMN notes text;\n")
    up.with_name(up.name.replace(".up.", ".down.")).write_text("ALTER TABLE orders DROP COLUMN notes;\n")
    assert "add_order_notes" in make("up 2>&1") and "rolled back" in make("redo 2>&1")
    notes = shell("echo 'SELECT count(notes) FROM orders' | make psql", cwd=project, GODWIT=godwit.binary).out
    assert re.search(r"^ +0$", notes, re.M), notes
    make("verify")
    # Nothing is destroyed that could not be made again.
    bad = project.path / "migrations" / "20991231000000_bad.up.sql"
    bad.write_text("CREAT TABLE x ();\n")
    project.godwit("--env", "dev", "db", "psql", "--", "-c", "CREATE TABLE kept ()", code=0)
    assert "20991231000000_bad.up.sql:1:1" in shell("make reset", cwd=project, code=2, timeout=180, GODWIT=godwit.binary).err
    assert "kept" in project.godwit("--env", "dev", "db", "psql", "--", "-c", "\\dt", code=0).out
    bad.unlink()
    assert "add_order_notes" in make("reset 2>&1"), "from an empty server, all of it again"
    assert "kept" not in project.godwit("--env", "dev", "db", "psql", "--", "-c", "\\dt", code=0).out
    make("stop")
    assert not project.godwit("--env", "dev", "db", "status", "--json").json["running"]


def test_make_says_what_is_missing(ledgerflow, shell):
    done = shell("make status GODWIT=/nowhere/godwit", cwd=ledgerflow.project, code=2)
    assert "godwit is not" in done.err


# ---- the image -----------------------------------------------------------------------------


def test_the_image_is_built_with_all_that_a_build_needs():
    """As scripts/install-deps names it; what is left out is what the program does without."""
    build, = re.findall(r'^ +\[build\]="([^"]+)"', (ROOT / "scripts/install-deps").read_text(), re.M)
    first = (EXAMPLE / "Dockerfile").read_text().split("\nFROM ")[1]
    assert set(build.split()) - set(first.split()) == {
        "make", "libcmocka-dev", "libjavascriptcoregtk-4.1-dev", "libmicrohttpd-dev"}


# ---- INTEGRATION.md -----------------------------------------------------------------------


def test_a_service_waits_for_its_version_with_godwit(ledgerflow, shell, godwit):
    line, = code_blocks("INTEGRATION.md", "sh")
    line = line.replace("ledgerflow-bot", "echo the bot runs").replace("60s", "{}")
    variables = {"cwd": ledgerflow.project, "DATABASE_URL": ledgerflow.database.url}
    assert "the bot runs" not in shell(line.format("1s"), code=3, **variables).out
    ledgerflow.up()
    assert "the bot runs" in shell(line.format("60s"), **variables).out


def service_role(database):
    """A role with what INTEGRATION.md says that a service needs."""
    grants = next(b for b in code_blocks("INTEGRATION.md", "sql") if "GRANT" in b)
    return database.role(*re.findall(r"GRANT [^;]+", grants.replace("ledgerflow_bot", "{role}")))


def test_a_python_service_waits(ledgerflow):
    code, = code_blocks("INTEGRATION.md", "python")
    names = {}
    exec(compile(code, "INTEGRATION.md", "exec"), names)  # noqa: S102 (our own page)
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        names["wait_for_schema"](ledgerflow.database.url, seconds=0)
    ledgerflow.up()
    role = service_role(ledgerflow.database)
    names["wait_for_schema"](ledgerflow.database.url_for(role), seconds=30)
    assert time.monotonic() - started < 60


@pytest.mark.peers
def test_a_node_service_waits(ledgerflow, shell):
    modules = ROOT / "tests" / "peers" / "node_modules"
    if not (modules / "pg").is_dir():
        pytest.skip("no pg module: scripts/install-deps peers")
    code, = code_blocks("INTEGRATION.md", "js")
    project = ledgerflow.project
    (project.path / "node_modules").symlink_to(modules)
    project.write("wait.mjs", code + "\nawait waitForSchema(process.env.URL, Number(process.argv[2]));\n")
    late = shell("node wait.mjs 0", cwd=project, code=1, URL=ledgerflow.database.tcp_url)
    assert "is not there after 0 s" in late.err
    ledgerflow.up()
    shell("node wait.mjs 30", cwd=project, URL=ledgerflow.database.tcp_url)


# A service runs it as a task: what it waits on has to be Send.
RUST_USE = """
pub fn as_a_task(pool: &'static sqlx::PgPool) -> impl std::future::Future + Send {
    wait_for_schema(pool, Duration::from_secs(60))
}
"""


def test_the_rust_block_compiles(tmp_path):
    """Its syntax and its use of types, against stubs: crates and a database are not at hand."""
    if not shutil.which("rustc"):
        pytest.fail("no rustc: scripts/install-deps test")
    code, = code_blocks("INTEGRATION.md", "rust")
    stubs = ROOT / "tests" / "e2e" / "stubs" / "rust"

    def compiled(source, *words):
        return subprocess.run(["rustc", "--edition", "2021", "--crate-type", "rlib", "--emit=metadata", "-D", "warnings",
                               "--out-dir", str(tmp_path), *words, str(source)], capture_output=True, text=True)

    externs = []
    for crate in ("sqlx", "anyhow", "tokio"):
        made = compiled(stubs / f"{crate}.rs")
        assert made.returncode == 0, made.stderr
        externs += ["--extern", f"{crate}={tmp_path / f'lib{crate}.rmeta'}"]
    source = tmp_path / "service.rs"
    source.write_text(code + RUST_USE)
    made = compiled(source, *externs)
    assert made.returncode == 0, made.stderr
    for wrong in (code.replace(".bind(NEEDS)", ".bind(Duration::ZERO)"), code.replace("as_deref()", "as_ref()")):
        source.write_text(wrong + RUST_USE)
        assert wrong != code and "error[E" in compiled(source, *externs).stderr


def test_the_pages_name_versions_and_files_that_exist():
    everything = set(versions()) | {v for s in ("balancer", "bot", "indexer")
                                    for v in versions(EXAMPLE / "services" / s / "migrations")}
    for page in EXAMPLE.glob("*.md"):
        text = page.read_text()
        unknown = set(re.findall(r"\b20\d{12}\b", text)) - everything
        assert not unknown, f"{page.name}: {unknown}"
        for link in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (EXAMPLE / link).exists(), f"{page.name}: {link}"
    requires = set()
    for file in EXAMPLE.rglob("*.sql"):
        requires |= set(re.findall(r"requires=(\d+)", file.read_text()))
    assert requires and requires <= everything


def test_every_migration_has_its_way_back():
    for up in EXAMPLE.rglob("*.up.sql"):
        assert up.with_name(up.name.replace(".up.sql", ".down.sql")).is_file(), up


# ---- init --from ledgerflow ---------------------------------------------------------------


def test_a_project_starts_from_it(bare_project, database, tmp_path):
    """All of the example, and nothing of what somebody's work in it left there."""
    template = tmp_path / "ledgerflow"
    shutil.copytree(EXAMPLE, template, ignore=shutil.ignore_patterns(".godwit", ".env", "backups"))
    files = {str(p.relative_to(template)) for p in template.rglob("*") if p.is_file()}
    assert {"godwit.yaml", "migrate.sh", "Dockerfile", ".gitlab-ci.yml"} < files
    (template / ".env").write_text("DATABASE_URL=postgresql://me:secret@prod/ledgerflow\n")
    (template / ".godwit" / "postgres").mkdir(parents=True)
    (template / ".godwit" / "postgres" / "PG_VERSION").write_text("15\n")

    init = ["init", "--from", "ledgerflow"]
    templates = {"GODWIT_TEMPLATES": tmp_path}
    bare_project.godwit(*init, code=0, env=templates)
    assert {str(p.relative_to(bare_project.path)) for p in bare_project.path.rglob("*") if p.is_file()} == files
    assert (bare_project.path / "migrate.sh").stat().st_mode & 0o111
    bare_project.godwit("--env", "staging", "up", code=0, env={"STAGING_DATABASE_URL": database.url})
    assert database.value("SELECT count(*) FROM godwit.migrations") == len(COMMON)
    # A second one does not write over it, nor does one that finds other work: it writes nothing.
    bare_project.godwit(*init, code=2, env=templates)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "README.md").write_text("mine\n")
    (elsewhere / "migrations").symlink_to("nowhere")
    before = sorted(str(p) for p in elsewhere.rglob("*"))
    error = bare_project.godwit("-C", elsewhere, *init, "--json", code=2, env=templates).json["error"]
    assert error["kind"] == "usage" and "nothing was written" in error["message"] and "-C NEW_FOLDER" in error["hint"]
    assert "README.md" in error["detail"] and "migrations" in error["detail"], error
    assert sorted(str(p) for p in elsewhere.rglob("*")) == before and (elsewhere / "README.md").read_text() == "mine\n"
