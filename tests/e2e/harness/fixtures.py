"""Fixtures, for the conftest.py of each folder of tests. See the modules here for what each can do.

godwit              the program: godwit("--version", code=0)
server              a private server for the whole run
database            a fresh database on it
project             a project folder whose environment is that database
bare_project        a project folder with nothing in it
pgbouncer           a pooler in transaction mode before the server
restartable_server  a server that a test may stop, restart or kill
replicated_server   a primary and its read-only standby
make_server         more servers, one with a full disk among them
make_serve          make_serve(project, "--no-drift"): godwit serve on a free port, see web.py
plan_tool           schemas compared and planned, without a command
make_database       more databases, make_project more projects; all gone afterwards
"""
import collections
import os
import shutil
import subprocess
import time
import zlib

import pytest

from . import system
from .pooler import PgBouncer
from .program import Godwit, find_binary
from .project import Project
from .schemas import PlanTool
from .server import Server, find_bindir, reachable_bindir
from .web import Serve


# With --within, each file's tests are gone through in so many rounds, for what several tests share is made in each anew.
ROUNDS = 4
# One for the workers of a run, which have begun later.
DEADLINE = "GODWIT_TEST_DEADLINE"


def part(text):
    """(1, 8) of "1/8"."""
    first, every = map(int, text.split("/"))
    if not 1 <= first <= every:
        raise ValueError(text)
    return first, every


def pytest_addoption(parser):
    parser.addoption("--quick", action="store_true", help="leave out what is slow, and most of what is many times alike")
    parser.addoption("--by-version", action="store_true",
                     help="where another server runs all: leave out what is slow and what a server's version hardly changes")
    parser.addoption("--alike", metavar="M/N", type=part, help="of what is many times alike every Nth, from the Mth on (with --quick: 1/8)")
    parser.addoption("--within", type=int, metavar="SECONDS",
                     help="begin no test later than this: what is slow comes last, which others come first changes with the commit")
    parser.addoption("--half", type=int, choices=(1, 2), help="with --by-version: one half of what is not many times alike")


def pytest_collection_modifyitems(config, items):
    quick, some = config.getoption("--quick"), config.getoption("--by-version")
    first, every = config.getoption("--alike") or ((1, 8) if quick else (1, 1))
    seen, kept, left = collections.Counter(), [], []
    for item in items:
        out = (quick or some) and item.get_closest_marker("slow") is not None
        many, half = item.get_closest_marker("many"), config.getoption("--half")
        if many:
            alike = (item.path, item.originalname)
            out = out or seen[alike] % every != first - 1
            seen[alike] += 1
        elif half and not many:  # by name: what is added moves no other
            out = out or zlib.crc32(item.nodeid.encode()) % 2 != half - 1
        (left if out else kept).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept
    if config.getoption("--within"):
        commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=os.path.dirname(__file__), capture_output=True, check=False).stdout
        items.sort(key=lambda item: (item.get_closest_marker("slow") is not None, zlib.crc32(commit + item.nodeid.encode()) % ROUNDS))


def pytest_runtest_setup():
    if time.time() > float(os.environ.get(DEADLINE, "inf")):
        pytest.skip("no time left")


def pytest_configure(config):
    if config.getoption("--within"):
        os.environ.setdefault(DEADLINE, str(time.time() + config.getoption("--within")))
    config.addinivalue_line("markers", "peers: needs a tool of another maker (npm or Debian)")
    config.addinivalue_line("markers", "slow: more than a few seconds; not in a quick run")
    config.addinivalue_line("markers", "many: one of many alike, of which a quick run takes every eighth")
    config.addinivalue_line("markers", "plain: what it says of memory holds on a build without sanitizers only")
    config.addinivalue_line("markers", "pg(minimum): needs this major version of PostgreSQL or a newer one")


def pytest_report_header():
    return f"godwit: {os.environ.get('GODWIT_BIN', '(found)')}, PostgreSQL: {find_bindir()}"


@pytest.fixture(scope="session")
def scratch():
    """A folder for the run."""
    path = system.make_folder("run")
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def bindir(scratch):
    return reachable_bindir(find_bindir(), scratch)


@pytest.fixture(scope="session")
def server(scratch, bindir):
    folder = scratch / "pg"
    folder.mkdir()
    server = Server(folder, bindir)
    server.init()
    server.start()
    yield server
    server.stop("immediate")


@pytest.fixture(autouse=True)
def needs_version(request):
    marker = request.node.get_closest_marker("pg")
    if marker and request.getfixturevalue("server").major < marker.args[0]:
        pytest.skip(f"needs PostgreSQL {marker.args[0]}")


@pytest.fixture(scope="session")
def binary():
    return find_binary()


@pytest.fixture
def godwit(binary, bindir):
    home = system.make_folder("home")
    # The private servers of a matrix run are of its version too.
    environment = {"GODWIT_PG_BINDIR": bindir} if os.environ.get("GODWIT_TEST_PG_BINDIR") else {}
    program = Godwit(binary, home, environment)
    yield program
    program.end_all()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def make_database(server):
    made = []

    def make(name=None, options=""):
        made.append(server.create_database(name, options))
        return made[-1]

    yield make
    for database in made:
        database.drop()


@pytest.fixture
def database(make_database):
    return make_database()


@pytest.fixture
def make_project(godwit):
    made = []

    def make(url=None):
        made.append(system.make_folder("project"))
        return Project(made[-1], godwit, url)

    yield make
    godwit.end_all()
    for path in made:
        if (path / ".godwit" / "postgres").exists():
            godwit("--yes", "db", "destroy", cwd=path)
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def project(make_project, database):
    return make_project(database.url)


@pytest.fixture
def bare_project(make_project):
    return make_project()


@pytest.fixture(scope="session")
def plan_tool():
    tool = PlanTool()
    yield tool
    tool.close()


@pytest.fixture
def make_serve():
    made = []

    def make(project, *words, **options):
        made.append(Serve(project, *words, **options))
        return made[-1]

    yield make
    for serve in made:
        serve.stop()


@pytest.fixture
def make_pgbouncer(server):
    made = []

    def make(mode="transaction", size=5, extra="", behind=None):
        pooler = PgBouncer(system.make_folder("pooler"), behind or server, mode, size, extra)
        made.append(pooler)
        pooler.start()
        return pooler

    yield make
    for pooler in made:
        pooler.stop()
        shutil.rmtree(pooler.folder, ignore_errors=True)


@pytest.fixture
def pgbouncer(make_pgbouncer):
    return make_pgbouncer()


@pytest.fixture
def make_server(bindir):
    """make_server(settings, disk="96m"): more servers; `disk` puts one on a file system that small."""
    made, mounts = [], []

    def make(settings="", start=True, disk=None):
        folder = system.make_folder("server")
        if disk:
            if not system.mount_small(folder, disk):
                folder.rmdir()
                pytest.skip("a small file system cannot be mounted here")
            mounts.append(folder)
        made.append(Server(folder, bindir))
        made[-1].init(settings)
        if start:
            made[-1].start()
        return made[-1]

    yield make
    for server in made:
        server.stop("immediate")
        if server.folder in mounts:
            system.unmount(server.folder)
        shutil.rmtree(server.folder, ignore_errors=True)


@pytest.fixture
def replicated_server(make_server):
    """(primary, standby): two servers, the second read-only."""
    primary = make_server()
    folder = system.make_folder("replica")
    replica = primary.standby(folder)
    yield primary, replica
    replica.stop("immediate")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def restartable_server(make_server):
    return make_server()
