"""LedgerFlow's Dockerfile, followed step by step in a clean root, and its image used."""
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from dockerfile import Builder, ignored, parse
from harness.ledgerflow import EXAMPLE, seeds, versions
from harness.program import ROOT, find_binary

COMMON = sorted(set(versions()) - seeds())


def tree_files():
    """Godwit's sources as a clone has them: nothing that lies about here helps."""
    if (ROOT / ".git").exists():
        files = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], capture_output=True, text=True,
                               check=True).stdout.split("\0")
    else:
        files = [str(p.relative_to(ROOT)) for p in ROOT.rglob("*")]
    return [f for f in files if f and (ROOT / f).is_file()]


def context_files(project):
    """What `docker build` would send of a project: all but what .dockerignore names."""
    patterns = (project / ".dockerignore").read_text().split()
    files = [str(p.relative_to(project)) for p in project.rglob("*") if p.is_file()]
    return [f for f in files if not ignored(f, patterns)]


@pytest.fixture(scope="module")
def built(clean_root):
    """The image of a project that `init --from ledgerflow` has made, beside nothing of Godwit's tree."""
    work = pathlib.Path(tempfile.mkdtemp(prefix="godwit-image-", dir="/var/tmp"))
    project = work / "project"
    project.mkdir()
    subprocess.run([find_binary(), "init", "--from", "ledgerflow"], cwd=project, check=True, capture_output=True)
    (project / ".env").write_text("DATABASE_URL=postgresql:///none\n")
    builder = Builder(clean_root, work, {None: (project, context_files(project)), "godwit": (ROOT, tree_files())})
    try:
        builder.build((project / "Dockerfile").read_text())
        yield builder
    finally:
        shutil.rmtree(work, ignore_errors=True)


@pytest.fixture
def image(built):
    return built.stages[-1]


def applied(database):
    return [v for (v,) in database.execute(
        "SELECT version FROM godwit.migrations WHERE state = 'applied' ORDER BY version")]


def test_the_image_brings_a_database_up_to_date(image, database):
    done = image.start(DATABASE_URL=database.tcp_url)
    assert done.returncode == 0, done.stdout + done.stderr
    assert applied(database) == COMMON
    # Started again, as every deploy does, it has nothing to do.
    again = image.start(DATABASE_URL=database.tcp_url)
    assert again.returncode == 0, again.stdout + again.stderr
    checked = image.start("status", "--check", DATABASE_URL=database.tcp_url)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    waited = image.start("status", "--wait-for", COMMON[-1], "--timeout", "1s", DATABASE_URL=database.tcp_url)
    assert waited.returncode == 0, waited.stdout + waited.stderr


def test_the_image_serves_staging_too(image, database):
    done = image.start("up", STAGING_DATABASE_URL=database.tcp_url, GODWIT_ENV="staging")
    assert done.returncode == 0, done.stdout + done.stderr
    assert applied(database) == COMMON


def test_the_image_says_that_it_needs_a_database_url(image):
    done = image.start()
    assert done.returncode == 2, done.stdout + done.stderr
    assert "DATABASE_URL" in done.stderr


def test_the_image_holds_what_it_needs_and_no_more(built, image):
    assert built.images == ["debian:bookworm-slim", "debian:bookworm-slim"]
    libraries = image.run(["ldd", "/usr/local/bin/godwit"])
    assert libraries.returncode == 0 and "not found" not in libraries.stdout, libraries.stdout
    who = image.run(["id", "-un"])
    assert who.stdout.strip() == "godwit"
    for path in ("usr/bin/gcc", "usr/bin/meson", "src"):
        assert not (image.root / path).exists(), path
    shipped = sorted(f.name for f in (image.root / "ledgerflow").rglob("*") if f.is_file())
    assert shipped == sorted(["godwit.yaml", *(f.name for f in (EXAMPLE / "migrations").iterdir())])


def test_instructions_are_read_as_docker_reads_them():
    text = "# a\nFROM x AS y\nRUN a \\\n# between\n && b\nCMD [\"up\"]\n"
    assert [(w, " ".join(r.split())) for w, r in parse(text)] == [
        ("FROM", "x AS y"), ("RUN", "a && b"), ("CMD", '["up"]')]
    patterns = [".git", "build*", "**/node_modules"]
    assert ignored(".git/config", patterns) and ignored("build-san/x", patterns)
    assert ignored("web/node_modules/a.js", patterns)
    assert not ignored("src/build.c", patterns)
