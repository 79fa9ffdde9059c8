"""Rows on their way: a project with two databases, mapping files, and what each side holds.

sides            a fresh project whose source is one database and whose destination is another
make_sides       more of them: make_sides(source=server, destination=other, sync={"jobs": 2})
"""
import contextlib

import pytest

from .project import Project
from .waiting import until


class Sides(Project):
    """A project with a source (old) and a destination (new): databases of harness.server."""

    def __init__(self, path, program, old, new, **sync):
        super().__init__(path, program)
        self.old, self.new = old, new
        self.settings(**sync)
        (path / "migrations").mkdir(exist_ok=True)
        (path / "sync").mkdir(exist_ok=True)

    def settings(self, source=None, destination=None, environment=None, **sync):
        """godwit.yaml anew: `sync:` keys as given; URLs where a side is not reached directly."""
        self.config({"environments": {"dev": {"url": destination or self.new.url, **(environment or {})}},
                     "sync": {"source": source or self.old.url, **sync}})

    def tables(self, old, new):
        """The tables of both sides."""
        self.old.execute(old)
        self.new.execute(new)

    def map(self, entity, *fields, source=None, destination=None, rest="", version="1.0.0"):
        """Write sync/ENTITY.yaml; a source or destination of a name alone has the key id. What a field is not
        said to be is a copy: map("a", "x", "{from: y, to: z}", rest="deletes: delete\\n")."""
        def side(given):
            given = given or entity
            return given if given.startswith("{") else f"{{table: {given}, key: id}}"

        lines = [f if f.startswith("{") else f"{{from: {f}, to: {f}}}" for f in fields]
        self.write(f"sync/{entity}.yaml",
                   f"entity: {entity}\nversion: {version}\nsource: {side(source)}\ndestination: {side(destination)}\n"
                   + "fields:\n" + "".join(f"- {line}\n" for line in lines) + rest)

    def register(self, *files, code=0):
        """Store and activate the mappings of the folder (or of these files)."""
        return self.godwit("sync", "mapping", "register", *files, code=code)

    def sync(self, *words, code=0, **options):
        """sync("run"): its JSON."""
        return self.godwit("sync", *words, "--json", code=code, **options).json

    def rows(self, table="d", columns="*", order="1"):
        """What the destination holds."""
        return self.new.execute(f"SELECT {columns} FROM {table} ORDER BY {order}")

    def both(self, old, new):
        """The rows of two queries, one a side; they have to be the same."""
        left, right = self.old.execute(old), self.new.execute(new)
        assert left == right, _difference(left, right)
        return right

    def counts(self, entity):
        """(rows whose fingerprints are kept, rows in the quarantine, rows of the id map)"""
        return (self.new.value("SELECT coalesce(sum(row_count), 0)::bigint FROM godwit.sync_segments"
                               " WHERE entity_type = %s", [entity]),
                self.new.value("SELECT count(*) FROM godwit.sync_rejects WHERE entity_type = %s", [entity]),
                self.new.value("SELECT count(*) FROM godwit.migration_mappings WHERE entity_type = %s", [entity]))

    def rejects(self, entity=None):
        """[(key, kind, SQLSTATE)] of the quarantine."""
        return self.new.execute("SELECT key, kind, sqlstate FROM godwit.sync_rejects"
                                " WHERE %s::text IS NULL OR entity_type = %s ORDER BY entity_type, key", [entity, entity])


def _difference(left, right):
    extra, missing = [r for r in right if r not in left], [r for r in left if r not in right]
    return f"missing in the destination: {missing[:10]}\nnot in the source: {extra[:10]}\n" \
           f"{len(left)} rows in the source, {len(right)} in the destination"


@contextlib.contextmanager
def summarizing(database):
    """The server of this database (17 or newer) summarizes its log, and not any more afterwards. Call what comes
    out of it to wait until a summary ends behind what is written by now."""
    def woken():
        """The summarizer sleeps for longer and longer, and looks up when it is to read its settings."""
        database.execute("SELECT pg_reload_conf()")

    def summarized():
        now = database.value("SELECT pg_current_wal_insert_lsn()::text")
        database.execute("CHECKPOINT")
        until(lambda: database.value(
            "SELECT coalesce(max(end_lsn) >= %s::pg_lsn, false) FROM pg_available_wal_summaries()", [now]) or woken(),
              120, "a summary of the log up to now")

    database.execute("ALTER SYSTEM SET summarize_wal = on")
    try:
        database.execute("SELECT pg_reload_conf()")
        yield summarized
    finally:
        database.execute("ALTER SYSTEM RESET summarize_wal")
        database.execute("SELECT pg_reload_conf()")


@pytest.fixture
def make_sides(godwit, make_project, server):
    """make_sides(source=SERVER, destination=SERVER, **sync): both default to the run's server."""
    made = []

    def make(source=None, destination=None, **sync):
        made.append(((source or server).create_database(), (destination or server).create_database()))
        return Sides(make_project().path, godwit, *made[-1], **sync)

    yield make
    godwit.end_all()
    for databases in made:
        for database in databases:
            database.drop()


@pytest.fixture
def sides(make_sides):
    return make_sides()
