"""The examples KEMBridge and SiTa Minter on databases of the tests'.

A schema is migrated once a run, as an owner who is no superuser, and copied for each test.
"""
import contextlib
import itertools
import os
import pathlib
import re
import shutil
import subprocess

import psycopg2
import pytest
from psycopg2 import sql

from . import system
from .program import ROOT, SANITIZERS, judge
from .server import Database

DATA = pathlib.Path(__file__).resolve().parents[1] / "data"
OBJECTS = (DATA / "objects.sql").read_text()
_numbers = itertools.count(1)


class Example:
    """A folder of examples/: the roles that it needs on a server, and who owns its schema."""

    def __init__(self, name, roles, extensions=()):
        self.name, self.roles, self.extensions = name, roles, extensions
        self.folder = ROOT / "examples" / name
        self.owner = name.replace("-", "_") + "_owner"

    def versions(self):
        return sorted(int(f.name.split("_")[0]) for f in (self.folder / "migrations").glob("*.up.sql"))

    def seeds(self):
        """Versions that only a developer's database gets."""
        return {int(f.name.split("_")[0]) for f in (self.folder / "migrations").glob("*.up.sql")
                if re.search(r"^-- godwit: only=dev$", f.read_text(), re.M)}

    def prepare(self, server):
        """What an administrator does before: the roles, and a database that the owner owns."""
        for role, options in [(self.owner, "LOGIN"), *((r, "NOLOGIN") for r in self.roles)]:
            if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]):
                server.create_role(options, role)

    def create_database(self, server, name=None):
        database = server.create_database(name, f"OWNER {self.owner}")
        if server.major < 15:
            # From 15 on it is the database owner's anyway.
            database.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(self.owner)))
        if server.major < 13:
            for extension in self.extensions:
                database.execute(sql.SQL("CREATE EXTENSION {}").format(sql.Identifier(extension)))
        return database

    def copy(self, path):
        shutil.copytree(self.folder, path, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns(".godwit", ".env", "backups", "node_modules"))

    def run(self, binary, server, path, *words, url, env="staging", code=0):
        """The program in a copy of the example, its variable set to `url`."""
        environment = {**system.clean_environment(), **SANITIZERS, "HOME": str(path), "GODWIT_PG_BINDIR": str(server.bindir),
                       {"staging": "STAGING_DATABASE_URL"}.get(env, "GODWIT_URL"): url}
        argv = [binary, "--env", env, *words]
        done = subprocess.run([str(a) for a in argv], cwd=path, env=environment, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=120, check=False)
        return judge(argv, done.returncode, done.stdout, done.stderr, 0, code)

    def template(self, binary, server):
        """The name of a database of this server that has the whole schema."""
        name = self.name.replace("-", "_") + "_template"
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]):
            self.prepare(server)
            database = self.create_database(server, name)
            path = system.make_folder(self.name)
            try:
                self.copy(path)
                self.run(binary, server, path, "up", url=database.url_for(self.owner))
            finally:
                shutil.rmtree(path, ignore_errors=True)
        return name


class Schema:
    """A test's copy of an example's database, and those who work on it."""

    def __init__(self, example, server, template, names):
        self.example = example
        name = next(names)
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
            sql.Identifier(name), sql.Identifier(template), sql.Identifier(example.owner)))
        self.database = Database(server, name)
        self.logins = {role: self.database.role(f"GRANT {role} TO {{role}}") for role in example.roles}

    def connect(self, role=None, autocommit=True, **settings):
        """A session of the owner, of "postgres", or of a member of `role`, with settings made."""
        user = self.logins.get(role, role or self.example.owner)
        connection = self.database.connect(user, autocommit=True)
        with connection.cursor() as cursor:
            for name, value in settings.items():
                cursor.execute("SELECT set_config(%s, %s, false)", [name.replace("__", "."), value])
        connection.autocommit = autocommit
        return connection

    def run(self, statement, arguments=None, role=None, **settings):
        """Statements in a session of their own; the rows of the last, if it has any."""
        with contextlib.closing(self.connect(role, **settings)) as connection, connection.cursor() as cursor:
            cursor.execute(statement, arguments)
            return cursor.fetchall() if cursor.description else cursor.rowcount

    def value(self, statement, arguments=None, role=None, **settings):
        (row,) = self.run(statement, arguments, role, **settings)
        assert len(row) == 1, row
        return row[0]

    def objects(self):
        return [line for (line,) in self.database.execute(OBJECTS)]


def refusal(call, *arguments, **options):
    """The error that a call ends with; that it does not fail is a failure."""
    try:
        done = call(*arguments, **options)
    except psycopg2.Error as error:
        return error
    raise AssertionError(f"not refused: {arguments}: {done}")


KEMBRIDGE = Example("kembridge", ["kembridge_app", "kembridge_risk", "kembridge_auditor"],
                    ["uuid-ossp", "pgcrypto", "btree_gin", "pg_trgm"])

FIRST_TENANT = "00000000-0000-0000-0000-000000000001"


class Bridge(Schema):
    """KEMBridge's schema with two tenants; made as its owner, used as the services' role."""

    def __init__(self, server, template, names):
        super().__init__(KEMBRIDGE, server, template, names)
        self.tenant = FIRST_TENANT
        self.other_tenant = self.value("INSERT INTO tenants (name) VALUES ('other') RETURNING id")
        self._count = 0

    def app(self, statement, arguments=None, tenant=FIRST_TENANT, **settings):
        return self.run(statement, arguments, "kembridge_app", kembridge__tenant=tenant or "", **settings)

    def app_value(self, statement, arguments=None, **settings):
        (row,) = self.app(statement, arguments, **settings)
        assert len(row) == 1, row
        return row[0]

    def number(self):
        self._count += 1
        return self._count

    def user(self, tenant=None, name=None):
        return self.value("INSERT INTO users (tenant_id, username) VALUES (%s, %s) RETURNING id",
                          [tenant or self.tenant, name])

    def wallet(self, user, chain="ethereum", address=None):
        n = self.number()
        address = address or (f"0x{n:040x}" if chain == "ethereum" else f"user{n}.near")
        return self.value("INSERT INTO user_auth_methods (tenant_id, user_id, chain_type, wallet_address)"
                          " SELECT tenant_id, id, %s, %s FROM users WHERE id = %s RETURNING id",
                          [chain, address, user])

    def session(self, user, wallet=None, token=None, **columns):
        columns = {"expires_at": "now() + interval '1 hour'", **columns}
        return self.value(
            f"INSERT INTO user_sessions (tenant_id, user_id, auth_method_id, jwt_token_hash, {', '.join(columns)})"
            f" SELECT tenant_id, id, %s, %s, {', '.join(columns.values())} FROM users WHERE id = %s RETURNING id",
            [wallet or self.wallet(user), token or f"{self.number():064x}", user])

    def key(self, user, **columns):
        columns = {"public_key": "decode(repeat('ab', 1568), 'hex')",
                   "encrypted_private_key": "decode(repeat('cd', 3196), 'hex')", **columns}
        return self.value(f"INSERT INTO quantum_keys (tenant_id, user_id, {', '.join(columns)})"
                          f" SELECT tenant_id, id, {', '.join(columns.values())} FROM users WHERE id = %s"
                          " RETURNING id", [user])

    def transaction(self, user, status="pending", **columns):
        """One that has gone the legal way to `status`. Values of columns are SQL."""
        columns = {"source_chain": "'ethereum'", "destination_chain": "'near'", "source_token": "'ETH'",
                   "destination_token": "'wETH'", "amount_in": "1.5", **columns}
        made = self.value(f"INSERT INTO transactions (tenant_id, user_id, {', '.join(columns)})"
                          f" SELECT tenant_id, id, {', '.join(columns.values())} FROM users WHERE id = %s"
                          " RETURNING id", [user])
        way = {"pending": [], "confirmed": ["locked", "confirmed"]}.get(status, [status])
        for step in way:
            self.move(made, step)
        return made

    def move(self, transaction, status, reason="asked for by a test", role=None, **settings):
        reason = reason if status in ("failed", "cancelled", "expired") else None
        done = self.run("UPDATE transactions SET status = %s, status_reason = %s WHERE id = %s",
                        [status, reason, transaction], role, **settings)
        assert done == 1, done

    def events(self, event_type):
        """event_data of the audit rows of a type, oldest first."""
        return [row for (row,) in self.run("SELECT event_data FROM audit_logs WHERE event_type = %s"
                                           " ORDER BY created_at, event_data::text", [event_type])]


@pytest.fixture
def kembridge(server, binary):
    names = (f"kb{os.getpid()}_{n}" for n in _numbers)
    bridge = Bridge(server, KEMBRIDGE.template(binary, server), names)
    yield bridge
    bridge.database.drop()


SITA_MINTER = Example("sita-minter", ["sitaminter_app"])
SITA_MINTER.owner = "sitaminter_owner"


@pytest.fixture
def sita_minter(server, binary):
    names = (f"sm{os.getpid()}_{n}" for n in _numbers)
    schema = Schema(SITA_MINTER, server, SITA_MINTER.template(binary, server), names)
    yield schema
    schema.database.drop()


class Checkout:
    """A copy of an example, and an empty database that its owner owns."""

    def __init__(self, example, binary, server):
        self.example, self.binary, self.server = example, binary, server
        example.prepare(server)
        self.database = example.create_database(server)
        self.path = system.make_folder(example.name)
        example.copy(self.path)

    def godwit(self, *words, user=None, env="staging", code=0):
        return self.example.run(self.binary, self.server, self.path, *words, env=env, code=code,
                                url=self.database.url_for(user or self.example.owner))

    def objects(self):
        return [line for (line,) in self.database.execute(OBJECTS)]

    def applied(self):
        return [int(v) for (v,) in self.database.execute(
            "SELECT version FROM godwit.migrations WHERE state = 'applied' ORDER BY version::bigint")]

    def drop(self):
        self.database.drop()
        shutil.rmtree(self.path, ignore_errors=True)


@pytest.fixture
def make_checkout(server, binary):
    made = []

    def make(example):
        made.append(Checkout(example, binary, server))
        return made[-1]

    yield make
    for checkout in made:
        checkout.drop()
