"""golden/NAME.sql: each kind of object, each sort of it: the SQL that makes it, exactly what dump prints of it and what
diff prints of a change. The same under hard names: created, changed and dropped by plans that diff has proven.

A file has parts: `--- kinds:` what it is about, `--- since:` the oldest version that knows it, `--- before` and `--- after`
two states (n1 … n9 stand for names, role_a and role_b for roles, space_a and space_b for tablespaces), `--- dump` and `--- change` what is printed; `--- dump 15`
is what it is from 15 on. GODWIT_GOLDEN=write writes these two anew, version by version from 12 up: read the difference."""
import os
import re
import shutil

import pytest
from psycopg2 import errors

from harness import system
from harness.program import ROOT, Godwit, find_binary
from harness.project import Project
from harness.schemas import load

GOLDEN = ROOT / "tests/e2e/golden"
NAMES = sorted(p.stem for p in GOLDEN.glob("*.sql"))
RESERVED = ["select", "table", "user", "order", "group", "all", "end", "case", "default"]


def hard_name(number):
    """63 bytes: a digit in front, quotes, spaces, dots, upper case, a backslash, other scripts."""
    name = f"{number} Ünï \"q\" UP.表\\код -- ;"
    return name + "x" * (63 - len(name.encode()))


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


DRESSES = {
    "plain": ({f"n{n}": f"n{n}" for n in range(1, 10)}, {"role_a": "golden_a", "role_b": "golden_b"}),
    "hard": ({f"n{n}": quoted(hard_name(n)) for n in range(1, 10)},
             {"role_a": quoted("golden \"A\" o'é"), "role_b": quoted("select")}),
    "reserved": ({f"n{n}": quoted(RESERVED[n - 1]) for n in range(1, 10)}, {"role_a": quoted("user"), "role_b": quoted("Golden B")}),
}


SPACES = {"plain": {"space_a": "golden_space", "space_b": "golden_more"},
          "hard": {"space_a": quoted("golden \"Space\" o'é"), "space_b": quoted("from")},
          "reserved": {"space_a": quoted("table"), "space_b": quoted("Golden Space")}}


class Golden:
    def __init__(self, name):
        self.path = GOLDEN / f"{name}.sql"
        self.parts = {}
        key = None
        for line in self.path.read_text().splitlines():
            if line.startswith("--- "):
                key, _, value = line[4:].partition(": ")
                self.parts[key] = [value] if value else []
            else:
                self.parts[key].append(line)
        self.kinds = [k.strip() for k in self.parts["kinds"][0].split(",")]
        self.since = int(self.parts.get("since", ["12"])[0])
        self.unproven = self.parts.get("unproven")

    def sql(self, part, dress):
        names, roles = DRESSES[dress]
        text = "\n".join(self.parts[part])
        words = {**names, **roles, **SPACES[dress]}
        return re.sub(r"\b(n[1-9]|(role|space)_[ab])\b", lambda m: words[m[0]], text)

    def _versions(self, part):
        return sorted(int((key.split() + ["0"])[1]) for key in self.parts if key.split()[0] == part)

    def expected(self, part, major):
        """The part of the newest version that is not above `major`; None: there is none."""
        versions = [v for v in self._versions(part) if v <= major]
        return self.parts[f"{part} {versions[-1]}" if versions[-1] else part] if versions else None

    def check(self, part, major, lines):
        if os.environ.get("GODWIT_GOLDEN") == "write" and self.expected(part, major) != lines:
            self.parts[f"{part} {major}" if self._versions(part) else part] = lines
            order = sorted(self.parts, key=lambda k: (["kinds", "since", "unproven", "before", "after", "dump", "change"]
                                                      .index(k.split()[0]), int((k.split() + ["0"])[1])))
            text = ""
            for key in order:
                value = self.parts[key]
                text += f"--- {key}: {value[0]}\n" if key in ("kinds", "since", "unproven") else \
                    f"--- {key}\n" + "".join(line + "\n" for line in value)
            self.path.write_text(text)
        assert lines == self.expected(part, major), f"{self.path.name}: {part}"


class Bench:
    """One project for all files, so that one private server tries all plans."""

    def __init__(self, server, bindir):
        self.server = server
        self.home, path = system.make_folder("home"), system.make_folder("project")
        environment = {"GODWIT_PG_BINDIR": bindir} if os.environ.get("GODWIT_TEST_PG_BINDIR") else {}
        self.godwit = Godwit(find_binary(), self.home, environment)
        self.empty = server.create_database()
        self.project = Project(path, self.godwit, self.empty.url)
        for _, roles in DRESSES.values():
            for role in roles.values():
                try:
                    server.execute(f"CREATE ROLE {role}")
                except errors.DuplicateObject:
                    pass
        self.spaces = []
        for space in (s for spaces in SPACES.values() for s in spaces.values()):
            folder = system.make_folder("space")
            system.give_to_server_user(folder)
            server.execute(f"CREATE TABLESPACE {space} LOCATION '{folder}'")
            self.spaces.append((space, folder))

    def close(self):
        self.empty.drop()
        for space, folder in self.spaces:
            self.server.execute(f"DROP TABLESPACE {space}")
            shutil.rmtree(folder, ignore_errors=True)
        self.godwit.end_all()
        for path in (self.project.path, self.home):
            shutil.rmtree(path, ignore_errors=True)

    def diff(self, x, y):
        """The proven plan's statements from x to y, which differ."""
        done = self.project.godwit("diff", "--from", x.url, "--to", y.url, code=3)
        assert "-- Proven on a shadow database" in done.out, done.out
        return [line for line in done.out.splitlines() if line and not line.startswith("-- ")]

    def kinds(self, database):
        return {o["kind"] for o in self.project.godwit("dump", "--json", url=database.url, code=0).json["objects"]}

    def dump(self, database):
        lines = self.project.godwit("dump", url=database.url, code=0).out.splitlines()
        assert lines[:6] == [f"-- Schema of a PostgreSQL {self.server.major} database, by godwit dump.", "",
                             "SET client_encoding = 'UTF8';", "SET standard_conforming_strings = on;",
                             "SET check_function_bodies = off;", "SET search_path = pg_catalog;"]
        while lines and not lines[-1]:
            lines.pop()
        return lines[7:]


@pytest.fixture(scope="module")
def bench(server, bindir):
    bench = Bench(server, bindir)
    yield bench
    bench.close()


@pytest.fixture
def make_state(make_database):
    made = []

    def make(golden, part, dress):
        database = make_database()
        made.append(database)
        problem = load(database, golden.sql(part, dress))
        assert not problem, problem
        return database

    yield make
    for database in made:
        for name, in rows(database, "SELECT quote_ident(subname) FROM pg_subscription AS s JOIN pg_database AS d ON "
                                    "d.oid = subdbid AND datname = current_database()"):
            database.execute(f"ALTER SUBSCRIPTION {name} DISABLE; ALTER SUBSCRIPTION {name} SET (slot_name = NONE)")
            database.execute(f"DROP SUBSCRIPTION {name}")


def rows(database, query):
    connection = database.connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()
    finally:
        connection.close()


def golden_of(name, server):
    golden = Golden(name)
    if server.major < golden.since:
        pytest.skip(f"needs PostgreSQL {golden.since}")
    return golden


@pytest.mark.many
@pytest.mark.parametrize("name", NAMES)
def test_what_dump_and_diff_print(name, server, bench, make_state):
    golden = golden_of(name, server)
    before, after = make_state(golden, "before", "plain"), make_state(golden, "after", "plain")
    dump = bench.dump(before)
    assert "tellnobody" not in "".join(dump)
    golden.check("dump", server.major, dump)
    missing = set(golden.kinds) - bench.kinds(before)
    assert not missing or not missing - bench.kinds(after), f"it is not about {missing}"
    if not golden.unproven:
        golden.check("change", server.major, bench.diff(before, after))


@pytest.mark.many
@pytest.mark.parametrize("name", NAMES)
def test_hard_names(name, server, bench, make_state):
    """Made, changed and dropped by plans that are proven. (The shadow like the first side is made by the DDL that
    makes each object, and read back.)"""
    golden = golden_of(name, server)
    before, after = make_state(golden, "before", "hard"), make_state(golden, "after", "hard")
    if golden.unproven:
        assert "CREATE" in "\n".join(bench.dump(before))
        return
    assert bench.diff(before, after)
    assert bench.diff(after, bench.empty)


@pytest.mark.many
@pytest.mark.parametrize("name", NAMES)
def test_reserved_words(name, server, bench, make_state):
    golden = golden_of(name, server)
    after = make_state(golden, "after", "reserved")
    if golden.unproven:
        assert "CREATE" in "\n".join(bench.dump(after))
        return
    assert bench.diff(make_state(golden, "before", "reserved"), after)


def test_every_kind_has_a_golden_file():
    kinds = set()
    for path in (ROOT / "src/schema/kinds").glob("*.c"):
        kinds |= set(re.findall(r'^    \.name = "([^"]+)"', path.read_text(), re.M))
    assert len(kinds) > 45
    shown = {kind for name in NAMES for kind in Golden(name).kinds}
    assert kinds <= shown, f"tests/e2e/golden has no file about {sorted(kinds - shown)}"
    assert shown <= kinds, f"there is no kind {sorted(shown - kinds)}"
    for name in NAMES:
        parts = Golden(name).parts
        assert {"before", "after", "dump"} <= set(parts) and ("change" in parts) != ("unproven" in parts), name


# What stands in no kind of its own, and sorts of kinds, by name.
SORTS = """privileges owner comment security_label procedure table_unlogged table_partitioned table_partitioned_by_list
table_inherited table_typed table_foreign table_options column_default column_generated column_generated_virtual column_identity
column_collation column_storage column_compression constraint_primary_key constraint_unique constraint_unique_nulls
constraint_check constraint_foreign_key constraint_exclusion constraint_not_enforced constraint_without_overlaps
constraint_not_null index_methods index_opclass_options index_invalid view_options view_security_invoker trigger_constraint""".split()


def test_every_sort_has_a_golden_file():
    assert set(SORTS) <= set(NAMES), sorted(set(SORTS) - set(NAMES))
