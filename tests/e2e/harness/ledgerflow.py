"""The example project LedgerFlow on a database of the test's."""
import pathlib
import re
import shutil
import subprocess

import pytest

from . import system
from .program import ROOT, SANITIZERS, judge

EXAMPLE = ROOT / "examples" / "ledgerflow"
DATA = pathlib.Path(__file__).resolve().parents[1] / "data" / "ledgerflow"
FIRST = "20250709000001"
SCHEMA = (DATA / "schema.sql").read_text()


def versions(folder=EXAMPLE / "migrations"):
    return sorted(f.name.split("_")[0] for f in folder.glob("*.up.sql"))


def seeds():
    """Versions that only a developer's database gets."""
    return {f.name.split("_")[0] for f in (EXAMPLE / "migrations").glob("*.up.sql")
            if re.search(r"^-- godwit: only=dev$", f.read_text(), re.M)}


def code_blocks(page, language):
    """The ```language blocks of a page of the example, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", (EXAMPLE / page).read_text(), re.M | re.S)


class LedgerFlow:
    """A copy of the example. Its environment staging, or prod where asked, is `database`."""

    def __init__(self, project, database, config=None):
        self.project, self.database = project, database
        self.config = ["--config", config] if config else []
        shutil.copytree(EXAMPLE, project.path, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns(".godwit", ".env"))

    def variables(self, env):
        """Staging and prod have a variable each: what prod's URL is, is protected under any name."""
        name = {"staging": "STAGING_DATABASE_URL", "prod": "DATABASE_URL"}.get(env)
        return {name: self.database.url} if name else {}

    def godwit(self, *words, env="staging", code=0, **options):
        return self.project.godwit(*self.config, "--env", env, *words, code=code,
                                   env=self.variables(env), **options)

    def up(self, to=None, **options):
        return self.godwit("up", *(["--to", to] if to else []), **options)

    def load(self, name):
        self.database.execute((DATA / name).read_text())

    def states(self):
        status = self.godwit("status", "--json").json
        return {(m["service"] or "", m["version"]): m["state"] for m in status["migrations"]}

    def applied(self):
        return sorted(version for (_, version), state in self.states().items() if state == "applied")

    def schema(self):
        """What schema public holds, one line an object."""
        return [line for (line,) in self.database.execute(SCHEMA)]


@pytest.fixture
def make_ledgerflow(make_project, make_database):
    return lambda config=None: LedgerFlow(make_project(), make_database(), config)


@pytest.fixture
def ledgerflow(make_ledgerflow):
    return make_ledgerflow()


def needs_pg_dump(server):
    """pg_dump refuses a newer server, and the matrix's servers come without one."""
    said = subprocess.run(["pg_dump", "--version"], capture_output=True, text=True, check=True).stdout
    if int(re.search(r"\) (\d+)", said).group(1)) < server.major:
        pytest.skip(f"needs pg_dump {server.major} or newer")


@pytest.fixture
def shell(godwit, tmp_path):
    """Run a script as a reader of the pages would, with this build's godwit first on the PATH."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "godwit").symlink_to(godwit.binary)

    def run(script, *, cwd, code=0, timeout=120, **variables):
        environment = {**system.clean_environment(), **SANITIZERS, "HOME": str(godwit.home),
                       **godwit.environment, **variables}
        environment["PATH"] = f"{programs}:{environment['PATH']}"
        argv = ["bash", "-euo", "pipefail", "-c", script]
        done = subprocess.run(argv, cwd=cwd, env={k: str(v) for k, v in environment.items()},
                              capture_output=True, stdin=subprocess.DEVNULL, timeout=timeout, check=False)
        return judge(argv, done.returncode, done.stdout, done.stderr, 0, code)

    return run
