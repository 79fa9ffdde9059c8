"""Every fixed statement (sql/LAYER/NAME.sql) is what its head says, on the server of this run: it
can be prepared where Godwit's own tables are, and takes and gives the types that are declared."""
import ctypes
import ctypes.util
import importlib.util
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SQL = ROOT / "sql"
FILES = sorted(str(p.relative_to(SQL)) for p in SQL.glob("*/*.sql"))


def load_embedder():
    spec = importlib.util.spec_from_file_location("embed_sql", ROOT / "scripts" / "embed-sql.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


EMBED = load_embedder()


class Libpq:
    """PQdescribePrepared, which psycopg2 does not offer."""

    def __init__(self, conninfo):
        self.lib = ctypes.CDLL(ctypes.util.find_library("pq") or "libpq.so.5")
        for name, result in (("PQconnectdb", ctypes.c_void_p), ("PQexec", ctypes.c_void_p),
                             ("PQprepare", ctypes.c_void_p), ("PQfname", ctypes.c_char_p),
                             ("PQdescribePrepared", ctypes.c_void_p), ("PQftype", ctypes.c_uint),
                             ("PQparamtype", ctypes.c_uint), ("PQgetvalue", ctypes.c_char_p),
                             ("PQresultErrorMessage", ctypes.c_char_p),
                             ("PQerrorMessage", ctypes.c_char_p)):
            getattr(self.lib, name).restype = result
        self.conn = ctypes.c_void_p(self.lib.PQconnectdb(conninfo.encode()))
        assert self.lib.PQstatus(self.conn) == 0, self.lib.PQerrorMessage(self.conn)

    def result(self, pointer):
        result = ctypes.c_void_p(pointer)
        status = self.lib.PQresultStatus(result)
        assert status in (1, 2), self.lib.PQresultErrorMessage(result).decode()
        return result

    def value(self, text):
        result = self.result(self.lib.PQexec(self.conn, text.encode()))
        value = self.lib.PQgetvalue(result, 0, 0)
        self.lib.PQclear(result)
        return value.decode()

    def execute(self, text):
        self.lib.PQclear(self.result(self.lib.PQexec(self.conn, text.encode())))

    def describe(self, text):
        """([type oid of each parameter], [(name, type oid) of each column])"""
        lib = self.lib
        lib.PQclear(self.result(lib.PQprepare(self.conn, b"", text.encode(), 0, None)))
        result = self.result(lib.PQdescribePrepared(self.conn, b""))
        params = [lib.PQparamtype(result, i) for i in range(lib.PQnparams(result))]
        columns = [(lib.PQfname(result, i).decode(), lib.PQftype(result, i))
                   for i in range(lib.PQnfields(result))]
        lib.PQclear(result)
        return params, columns

    def oid(self, type_name):
        return int(self.value(f"SELECT '{type_name}'::pg_catalog.regtype::oid"))

    def close(self):
        self.lib.PQfinish(self.conn)


@pytest.fixture(scope="module")
def libpq(server):
    database = server.create_database()
    libpq = Libpq(database.url)
    for upgrade in sorted((SQL / "control" / "upgrades").glob("*.sql")):
        libpq.execute(upgrade.read_text())
    libpq.execute((SQL / "control" / "part_make.sql").read_text())
    for script in sorted((SQL / "control").glob("*/[0-9][0-9][0-9]_*.sql")):
        libpq.execute(script.read_text())
    # What a batch of rows that are moved has beside it.
    libpq.execute("CREATE TEMP TABLE gw_stage (gw_n bigint, gw_key text);"
                  "CREATE TEMP TABLE gw_gone (gw_n bigint, gw_key text);"
                  "CREATE TEMP TABLE gw_leaving (entity_type text, key text, PRIMARY KEY (entity_type, key));"
                  "CREATE TEMP TABLE gw_bad (gw_n bigint PRIMARY KEY, kind text, field text, message text, sqlstate text, place text)")
    libpq.execute("SET search_path = pg_catalog, pg_temp")
    yield libpq
    libpq.close()
    server.drop_database(database.name)


def test_there_are_files():
    assert len(FILES) > 3


@pytest.mark.parametrize("name", FILES)
def test_statement_is_what_its_head_says(libpq, server, name):
    layer, file = name.split("/")
    statement = EMBED.read_statement(str(SQL), layer, file)
    if statement["min"] > server.major * 10000:
        pytest.skip(f"needs PostgreSQL {statement['min'] // 10000}")
    params, columns = libpq.describe(statement["text"])
    declared_params = [libpq.oid(p) for p in statement["params"].split(",") if p]
    declared_columns = [c.rstrip("!").split(" ", 1) for c in statement["columns"].split(",") if c]
    assert params == declared_params
    assert columns == [(n, libpq.oid(t)) for n, t in declared_columns]
    assert len({n for n, _ in columns}) == len(columns)


# ---- names without a schema ----------------------------------------------------------------------

# Statements of these layers run in sessions of users, whose search_path may lead to anything first.
QUALIFIED = [f for f in FILES if f.split("/")[0] in ("control", "migrate", "pg")]
CALL = re.compile(r"(?<![\w.\"$])([a-z_][a-z0-9_]*)\s*\(")
FROM = re.compile(r"\b(?:FROM|JOIN)\s+(?:ONLY\s+|LATERAL\s+)?([a-z_][a-z0-9_]*)\b(?![.(])")
CAST = re.compile(r"::\s*([a-z_][a-z0-9_]*)(?![\w.])")
# The grammar itself says of these that they are pg_catalog's.
GRAMMAR = {"coalesce", "nullif", "greatest", "least", "extract", "bigint", "int", "integer", "smallint", "interval", "boolean"}


def bare(text):
    """Without comments and constants."""
    return re.sub(r"'(?:[^']|'')*'", "''", re.sub(r"--[^\n]*", "", text))


@pytest.mark.parametrize("name", QUALIFIED)
def test_no_name_of_the_catalog_without_its_schema(libpq, name):
    known = {kind: set(libpq.value(f"SELECT string_agg(DISTINCT {column}::text, ' ') FROM pg_catalog.{table} "
                                   f"WHERE {space} = 'pg_catalog'::regnamespace").split())
             for kind, column, table, space in (("call", "proname", "pg_proc", "pronamespace"),
                                                ("from", "relname", "pg_class", "relnamespace"),
                                                ("cast", "typname", "pg_type", "typnamespace"))}
    text = bare((SQL / name).read_text())
    found = {("call", n) for n in CALL.findall(text)} | {("from", n) for n in FROM.findall(text)} | \
        {("cast", n) for n in CAST.findall(text)}
    assert sorted(n for kind, n in found if n in known[kind] and n not in GRAMMAR) == []
