"""Other makers' migration tools, run as their users run them, and what they leave behind."""
import hashlib
import os
import pathlib
import re
import urllib.parse
import zlib

import pytest

from . import system
from .ledgerflow import needs_pg_dump

ROOT = pathlib.Path(__file__).resolve().parents[3]
PEERS = ROOT / "tests/peers/node_modules"
FIXTURES = ROOT / "tests/e2e/fixtures/conventions"

DRIZZLE_CONFIG = """
import { defineConfig } from "drizzle-kit";
export default defineConfig({
    dialect: "postgresql", schema: "./schema.ts", out: "./migrations",
    dbCredentials: { url: process.env.DATABASE_URL! },
});
"""


def need(*paths):
    for path in paths:
        if not pathlib.Path(path).exists():
            pytest.skip(f"{path} is not here: scripts/install-deps test peers")


def tool_url(database, scheme="postgres"):
    """A URL as these tools read it: host and port, no libpq options."""
    name = urllib.parse.quote(database.name)
    return f"{scheme}://postgres@{database.server.tcp_host}:{database.server.port}/{name}"


def run_tool(argv, cwd, **env):
    environment = {**system.clean_environment(), "HOME": str(cwd), **{k: str(v) for k, v in env.items()}}
    return system.run(argv, cwd=cwd, env=environment, timeout=180)


# Each runs its tool's `up` on path/migrations (or what it is given) and database.

def dbmate(path, database):
    need(PEERS / ".bin/dbmate")
    run_tool([PEERS / ".bin/dbmate", "--url", tool_url(database) + "?sslmode=disable", "--migrations-dir",
              path / "migrations", "--no-dump-schema", "up"], path)


def node_pg_migrate(path, database):
    need(PEERS / ".bin/node-pg-migrate")
    run_tool([PEERS / ".bin/node-pg-migrate", "up", "-m", path / "migrations"], path,
             DATABASE_URL=tool_url(database))


def graphile_migrate(path, database):
    need(PEERS / ".bin/graphile-migrate")
    url = tool_url(database)
    (path / ".gmrc").write_text('{"connectionString": "%s", "placeholders": {":APP_SCHEMA": "app"}}' % url)
    run_tool([PEERS / ".bin/graphile-migrate", "migrate"], path)


def drizzle(path, database):
    need(PEERS / ".bin/drizzle-kit")
    # Its configuration imports drizzle-kit: the packages have to be above it.
    (path / "drizzle.config.ts").write_text(DRIZZLE_CONFIG)
    if not (path / "node_modules").exists():
        (path / "node_modules").symlink_to(PEERS)
    run_tool([PEERS / ".bin/drizzle-kit", "migrate"], path, DATABASE_URL=tool_url(database))


def sqitch(path, database, command="deploy", *words):
    need("/usr/bin/sqitch")
    run_tool(["sqitch", command, *words, tool_url(database, "db:pg")], path / "migrations",
             SQITCH_FULLNAME="Ada Planner", SQITCH_EMAIL="ada@example.org",
             SQITCH_USER_CONFIG="/dev/null", SQITCH_SYSTEM_CONFIG="/dev/null")


def alembic(path, database, to="head"):
    need("/usr/bin/alembic")
    run_tool(["alembic", "upgrade", to], path, ALEMBIC_URL=tool_url(database, "postgresql"))


# ---- schemas ---------------------------------------------------------------------------------

def schema_of(database, without=()):
    """What pg_dump says of a database, without Godwit's schema and the tools' own."""
    needs_pg_dump(database.server)
    argv = ["pg_dump", "-s", "--no-owner", "-N", "godwit"]
    for name in without:
        argv += ["-N" if name.endswith(".*") else "-T", name.removesuffix(".*")]
    text = system.run([*argv, "-d", database.url], env={**os.environ, "LC_ALL": "C.UTF-8"})
    return "\n".join(line for line in text.splitlines()
                     if line and not line.startswith(("--", "\\restrict", "\\unrestrict")))


def rows_of(database, table):
    """A table byte for byte: its rows where they lie, as the server stores them."""
    return database.execute(f"SELECT ctid::text, xmin::text, t::text FROM {table} t ORDER BY ctid")


# ---- checksums by the rules of tools that are not here ---------------------------------------

def sqlx_checksum(data):
    return hashlib.sha384(data).digest()


def flyway_checksum(data):
    crc = 0
    text = data.decode("utf-8-sig")
    for line in re.split(r"\r\n|\r|\n", text):
        crc = zlib.crc32(line.encode(), crc)
    return crc - (1 << 32) if crc >= 1 << 31 else crc
