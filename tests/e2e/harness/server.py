"""Private PostgreSQL servers, and databases on them."""
import atexit
import contextlib
import itertools
import os
import pathlib
import re
import shutil
import signal
import subprocess
import urllib.parse

import psycopg2
from psycopg2 import sql

from . import system
from .waiting import until

SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_permissions = 0777
max_connections = 200
max_prepared_transactions = 10
max_wal_senders = 10
wal_level = logical
shared_buffers = 32MB
fsync = off
max_wal_size = 64MB
min_wal_size = 32MB
password_encryption = 'scram-sha-256'
full_page_writes = off
log_line_prefix = '%m [%p] %a '
timezone = 'UTC'
"""


def find_bindir():
    """GODWIT_TEST_PG_BINDIR, or the newest PostgreSQL of the system."""
    named = os.environ.get("GODWIT_TEST_PG_BINDIR")
    if named:
        bindir = pathlib.Path(named).resolve()
        assert (bindir / "postgres").exists(), f"GODWIT_TEST_PG_BINDIR={named} has no postgres"
        return bindir
    found = [p.parent for p in pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    assert found, "no PostgreSQL here: scripts/install-deps run"
    return max(found, key=lambda p: int(p.parent.name))


def reachable_bindir(bindir, scratch):
    """The same programs where the server's user can start them (a checkout may be in /root)."""
    if system.reachable_by_server_user(bindir / "postgres"):
        return bindir
    copy = scratch / "pgsql"
    if not copy.exists():
        shutil.copytree(bindir.parent, copy, symlinks=True)
        system.run(["chmod", "-R", "a+rX", copy])
    return copy / "bin"


def make_url(database, *, user="postgres", password=None, host, port):
    query = {"user": user, "port": port, "host": host}
    if password:
        query["password"] = password
    return f"postgresql:///{urllib.parse.quote(database)}?" + urllib.parse.urlencode(query)


_clusters = {}  # of each version one that is fresh: a copy takes a tenth of the time


class Server:
    """A cluster of its own: superuser postgres, trust, a Unix socket and a port on 127.0.0.1."""

    def __init__(self, folder, bindir):
        self.folder = pathlib.Path(folder)
        self.bindir = pathlib.Path(bindir)
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.socket_dir = self.folder
        self.port = system.free_port()
        self.tcp_host = "127.0.0.1"
        self._admin = None
        self._names = itertools.count(1)
        text = subprocess.run([self.bindir / "postgres", "--version"], capture_output=True,
                              text=True, check=True).stdout
        self.major = int(re.search(r"\) (\d+)", text).group(1))

    def init(self, settings=""):
        system.give_to_server_user(self.folder)
        made = _clusters.get(self.bindir)
        if made is None:
            made = _clusters[self.bindir] = system.make_folder("cluster")
            atexit.register(shutil.rmtree, made, ignore_errors=True)
            self.make_cluster(made / "data")
        system.run(["cp", "-a", made / "data", self.data])
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as conf:
            conf.write(SETTINGS + f"unix_socket_directories = '{self.socket_dir}'\n" + settings)

    def make_cluster(self, data):
        system.give_to_server_user(data.parent)
        self._pg("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")

    def configure(self, **settings):
        """Settings for the next start (or reload())."""
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as conf:
            for name, value in settings.items():
                conf.write(f"{name} = '{value}'\n")

    def start(self):
        for attempt in range(5):
            done = self._pg("pg_ctl", "-D", self.data, "-l", self.log, "-w", "-t", "60",
                            "-o", f"-p {self.port}", "start", check=False)
            if done.returncode == 0:
                return
            # Another process may have taken the port since it was found free.
            if "could not create any TCP/IP sockets" not in self.log.read_text() or attempt == 4:
                raise AssertionError(f"server did not start:\n{done.stdout}\n{self.log.read_text()}")
            self.port = system.free_port()

    def stop(self, mode="fast"):
        self._forget_admin()
        self._pg("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop", check=False)

    def restart(self, mode="fast"):
        self.stop(mode)
        self.start()

    def reload(self):
        self._pg("pg_ctl", "-D", self.data, "reload")

    def access(self, *lines):
        """Lines of pg_hba.conf before those that let everybody in; in force when this returns."""
        hba = self.data / "pg_hba.conf"
        hba.write_text("\n".join(lines) + "\n" + hba.read_text())
        self.reload()

    def enable_tls(self):
        """A certificate for 127.0.0.1 signed by itself; the path that sslrootcert wants. Restarts."""
        key, certificate = self.data / "server.key", self.data / "server.crt"
        system.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", key, "-out", certificate])
        for path in (key, certificate):
            path.chmod(0o600)
            system.give_to_server_user(path)
        self.configure(ssl="on")
        self.restart()
        root = self.folder / "root.crt"
        shutil.copyfile(certificate, root)
        return root

    def standby(self, folder):
        """A read-only replica of this server, started; the caller stops it. Restarts this one."""
        # A cold copy: the npm builds of the version matrix have no pg_basebackup.
        self.stop()
        system.give_to_server_user(folder)
        replica = Server(folder, self.bindir)
        system.run(["cp", "-a", self.data, replica.data])
        self.start()
        replica.configure(unix_socket_directories=replica.socket_dir, hot_standby="on",
                          primary_conninfo=f"host={self.socket_dir} port={self.port} user=postgres")
        (replica.data / "standby.signal").touch()
        system.give_to_server_user(replica.data / "standby.signal")
        replica.start()
        return replica

    def caught_up(self, replica):
        """Whether the replica has replayed all that was committed here."""
        here = self.execute("SELECT pg_current_wal_flush_lsn()::text")[0][0]
        return replica.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [here])[0][0]

    def postmaster_pid(self):
        return int((self.data / "postmaster.pid").read_text().splitlines()[0])

    def _stopped(self):
        """The postmaster, which stands still so that no child is born while they are counted, and its children."""
        postmaster = self.postmaster_pid()
        os.kill(postmaster, signal.SIGSTOP)
        children = pathlib.Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        return [postmaster, *map(int, children)]

    @contextlib.contextmanager
    def frozen(self, postmaster=True):
        """Nobody of it moves: connections stay and nothing is said on them. Without the postmaster new ones are answered."""
        pids = self._stopped()
        for pid in pids[1:]:
            os.kill(pid, signal.SIGSTOP)
        if not postmaster:
            os.kill(pids[0], signal.SIGCONT)
        try:
            yield
        finally:
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def kill(self):
        """As a crash: the postmaster and all its children get SIGKILL at once."""
        self._forget_admin()
        pids = self._stopped()
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        # A start finds the old ones in the way as long as they are there.
        until(lambda: not any(pathlib.Path(f"/proc/{pid}").exists() for pid in pids), 60,
              "the end of the server's processes")

    def running(self):
        return self._pg("pg_ctl", "-D", self.data, "status", check=False).returncode == 0

    def url(self, database="postgres", user="postgres", password=None):
        return make_url(database, user=user, password=password, host=self.socket_dir, port=self.port)

    def tcp_url(self, database="postgres", user="postgres", password=None):
        return make_url(database, user=user, password=password, host=self.tcp_host, port=self.port)

    def connect(self, database="postgres", user="postgres", autocommit=True, **options):
        connection = psycopg2.connect(host=str(self.socket_dir), port=self.port, dbname=database,
                                      user=user, **options)
        connection.autocommit = autocommit
        return connection

    def admin(self):
        """One session of the superuser in database postgres, kept."""
        if self._admin is None or self._admin.closed:
            self._admin = self.connect()
        return self._admin

    def execute(self, statement, arguments=None):
        with self.admin().cursor() as cursor:
            cursor.execute(statement, arguments)
            return cursor.fetchall() if cursor.description else []

    def create_database(self, name=None, options=""):
        name = name or f"t{os.getpid()}_{next(self._names)}"
        if self.major >= 15 and "STRATEGY" not in options:
            options += " STRATEGY file_copy"  # a third cheaper than through the log
        self.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 {}").format(
            sql.Identifier(name), sql.SQL(options)))
        return Database(self, name)

    def copy_database(self, database):
        """Another database that is the same; nobody may be connected to the first."""
        name = f"t{os.getpid()}_{next(self._names)}"
        self.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(database.name)))
        return Database(self, name)

    def drop_database(self, name):
        self.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        force = " WITH (FORCE)" if self.major >= 13 else ""
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {}" + force).format(sql.Identifier(name)))

    def create_role(self, options="LOGIN", name=None):
        """A role that may do nothing but what `options` says; drop_role() it, or it stays."""
        name = name or f"r{os.getpid()}_{next(self._names)}"
        self.execute(sql.SQL("CREATE ROLE {} " + options).format(sql.Identifier(name)))
        return name

    def drop_role(self, name):
        self.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))

    def _forget_admin(self):
        if self._admin is not None:
            self._admin.close()
            self._admin = None

    def _pg(self, program, *arguments, check=True):
        argv = system.as_server_user([self.bindir / program, *arguments])
        # A file, not a pipe: the server inherits it, and a pipe would stay open with it.
        out = self.folder / "pg_ctl.out"
        with open(out, "w", encoding="utf-8") as sink:
            done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT,
                                  cwd="/", env=system.clean_environment(), timeout=120, check=False)
        done.stdout = out.read_text()
        assert not check or done.returncode == 0, f"{program} exited {done.returncode}:\n{done.stdout}"
        return done


class Database:
    """A database of a server. `url` goes through the Unix socket, `tcp_url` through 127.0.0.1."""

    def __init__(self, server, name):
        self.server = server
        self.name = name
        self._roles = []

    @property
    def url(self):
        return self.server.url(self.name)

    @property
    def tcp_url(self):
        return self.server.tcp_url(self.name)

    def url_for(self, user, password=None):
        return self.server.url(self.name, user, password)

    def connect(self, user="postgres", autocommit=True, **options):
        return self.server.connect(self.name, user, autocommit, **options)

    def execute(self, statement, arguments=None, user="postgres"):
        """Run statements in a session of their own; the rows of the last, if it has any."""
        with contextlib.closing(self.connect(user)) as connection, connection.cursor() as cursor:
            cursor.execute(statement, arguments)
            return cursor.fetchall() if cursor.description else []

    query = execute

    def value(self, statement, arguments=None, user="postgres"):
        rows = self.execute(statement, arguments, user)
        assert len(rows) == 1 and len(rows[0]) == 1, f"not one value: {rows}"
        return rows[0][0]

    def tables(self, schema="public"):
        return [r[0] for r in self.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema])]

    def columns(self, table, schema="public"):
        return [r[0] for r in self.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = %s"
            " AND table_name = %s ORDER BY ordinal_position", [schema, table])]

    def role(self, *grants, options="LOGIN"):
        """A login role without rights, then each of `grants` with {role} and {database} filled in."""
        name = self.server.create_role(options)
        self._roles.append(name)
        for grant in grants:
            self.execute(grant.format(role=f'"{name}"', database=f'"{self.name}"'))
        return name

    def drop(self):
        self.server.drop_database(self.name)
        for role in self._roles:
            self.server.drop_role(role)
