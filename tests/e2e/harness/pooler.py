"""A real pgbouncer in front of a server."""
import os
import shutil
import signal
import subprocess
import time

import psycopg2

from . import system
from .server import make_url

SETTINGS = """
[databases]
* = host={server_socket} port={server_port}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir = {folder}
unix_socket_mode = 0777
auth_type = trust
auth_file = {folder}/users
admin_users = postgres
pool_mode = {mode}
default_pool_size = {size}
max_client_conn = 200
server_lifetime = 600
logfile = {folder}/pgbouncer.log
pidfile = {folder}/pgbouncer.pid
{extra}
"""


class PgBouncer:
    def __init__(self, folder, server, mode="transaction", size=5, extra=""):
        self.folder = folder
        self.server = server
        self.mode, self.size, self.extra = mode, size, extra
        self.port = system.free_port()
        self.process = None

    def start(self):
        system.give_to_server_user(self.folder)
        self.allow("postgres")
        (self.folder / "pgbouncer.ini").write_text(SETTINGS.format(
            server_socket=self.server.socket_dir, server_port=self.server.port, port=self.port,
            folder=self.folder, mode=self.mode, size=self.size, extra=self.extra))
        program = shutil.which("pgbouncer", path=os.environ["PATH"] + ":/usr/sbin")
        assert program, "no pgbouncer here: scripts/install-deps test"
        self.process = subprocess.Popen(
            system.as_server_user([program, "-q", self.folder / "pgbouncer.ini"]),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._wait()

    def allow(self, *roles):
        """Let roles in: pgbouncer knows users by its own file."""
        with open(self.folder / "users", "a", encoding="utf-8") as users:
            users.writelines(f'"{role}" ""\n' for role in roles)
        if self.process:
            self.process.send_signal(signal.SIGHUP)

    def url(self, database, user="postgres"):
        return make_url(database, user=user, host=self.folder, port=self.port)

    def connect(self, database, user="postgres"):
        connection = psycopg2.connect(host=str(self.folder), port=self.port, dbname=database, user=user)
        connection.autocommit = True
        return connection

    def admin(self, command):
        """A command of pgbouncer's console: SHOW POOLS, KILL db, …"""
        connection = self.connect("pgbouncer")
        try:
            with connection.cursor() as cursor:
                cursor.execute(command)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def _wait(self):
        deadline = time.monotonic() + 20
        while True:
            try:
                self.connect("postgres").close()
                return
            except psycopg2.OperationalError as error:
                log = self.folder / "pgbouncer.log"
                said = log.read_text() if log.exists() else ""
                assert self.process.poll() is None, f"pgbouncer exited:\n{said}"
                assert time.monotonic() < deadline, f"pgbouncer is not answering: {error}\n{said}"
                time.sleep(0.02)
