"""What `init --from` makes stands on its own: its CI files and its Dockerfile name nothing of Godwit's tree, and the
lines that check the migrations run."""
import re

import pytest
import yaml

from harness.ledgerflow import shell  # noqa: F401 (fixture)

EXAMPLES = ["ledgerflow", "kembridge", "sita-minter"]


def lines_of(script):
    return [line.strip() for step in script for line in step.splitlines()]


def ours(lines):
    """What concerns the migrations; how Godwit gets there is not run here."""
    return [line for line in lines if re.match(r"(godwit|\./migrate\.sh|psql) ", line)]


def github(project):
    """The jobs of a workflow: {name: their lines}."""
    jobs = yaml.safe_load((project.path / ".github/workflows/migrations.yml").read_text())["jobs"]
    return {name: lines_of(step["run"] for step in job["steps"] if "run" in step) for name, job in jobs.items()}


def gitlab(project):
    words = yaml.safe_load((project.path / ".gitlab-ci.yml").read_text())
    return {name: lines_of([*job.get("before_script", []), *words.get(job.get("extends"), {}).get("before_script", []),
                            *job["script"]])
            for name, job in words.items() if isinstance(job, dict) and "script" in job}


@pytest.fixture(params=EXAMPLES)
def started(request, bare_project):
    bare_project.godwit("init", "--from", request.param, code=0)
    return bare_project


def test_they_stand_on_their_own(started):
    for file in (".gitlab-ci.yml", ".github/workflows/migrations.yml", "Dockerfile", ".dockerignore"):
        path = started.path / file
        text = path.read_text() if path.exists() else ""
        assert "examples/" not in text and "../" not in text, file
    for jobs in (github(started), gitlab(started)):
        assert "make -C /opt/godwit" in jobs["check"]
        assert any("GODWIT_SOURCE" in line for line in jobs["check"])
        assert any(re.search(r"--protected prod|docker run", line) for line in jobs["prod"])


def test_both_check_the_same(started):
    here, there = ours(github(started)["check"]), ours(gitlab(started)["check"])
    assert len(here) >= 6
    assert [line.replace(" --format github", "") for line in here] == there


@pytest.mark.slow
def test_the_lines_that_check_the_migrations_run(started, shell, make_server):
    """On a server of their own, as a CI's service is one: the roles are the whole server's."""
    server = make_server()
    lines = ours(gitlab(started)["check"])
    shell("\n".join(lines), cwd=started.path, timeout=280, GODWIT_ENV="staging",
          STAGING_DATABASE_URL=server.tcp_url("postgres"))
    database = server.connect("postgres")
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM godwit.migrations WHERE state = 'applied'")
        assert cursor.fetchone()[0] > 5
    database.close()
