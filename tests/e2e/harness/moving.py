"""Rows moved at random: a schema of keys and types, people who go on writing, rows that are refused, runs and workers
that are killed, all from one seed.

history(seed, sides) plays one and returns what is not as it has to be. The comparison is made here, over the texts
of both sides; the destination keeps a journal of what was written, so that nothing was written twice.
"""
import collections
import contextlib
import random
import signal
import threading
import time
import uuid

import psycopg2
from psycopg2 import errors, sql

from .sync import summarizing

PINNED = ("SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; SET extra_float_digits = 3;"
          "SET bytea_output = 'hex'; SET lock_timeout = '300ms'")

# What a dead one has begun is taken over soon.
SHORT = {"GODWIT_LEASE": "2s"}

TEXTS = ["", " ", "a", "A", "ä", "é", "e\u0301", "ß", "İ", "日本", "😀", "'", '"', "\\", "\\N", "NULL", "a|b", "a,b", "{}", "a\tb",
         "line\nline", "\r", "%s", "$1", "x" * 300, "trailing  ", "-0", "1e3"]


def number(rng, bits):
    edge = 1 << (bits - 1)
    return str(rng.choice([0, 1, -1, edge - 1, -edge, rng.randrange(-edge, edge), rng.randrange(1000)]))


def words(rng):
    return rng.choice(TEXTS) if rng.random() < 0.5 else "".join(rng.choice("abcXYZäß€ '\"\\") for _ in range(rng.randrange(20)))


def moment(rng):
    return rng.choice(["infinity", "-infinity", "0044-03-15 12:00:00+00 BC", "1970-01-01 00:00:00+00"]) if rng.random() < 0.2 \
        else f"20{rng.randrange(10, 30)}-0{rng.randrange(1, 10)}-1{rng.randrange(10)} 0{rng.randrange(10)}:30:00.{rng.randrange(10**6):06}+00"


# name: (type in the source, type in the destination, a text of a value)
KINDS = {
    "smallint": ("smallint", "integer", lambda r: number(r, 16)),
    "integer": ("integer", "integer", lambda r: number(r, 32)),
    "wider": ("integer", "bigint", lambda r: number(r, 32)),
    "bigint": ("bigint", "bigint", lambda r: number(r, 64)),
    "numeric": ("numeric", "numeric", lambda r: r.choice(["0", "1.0", "1.00", "-1", "NaN", "1e-20", "12345678901234567890.123456789", number(r, 40)])),
    "money": ("numeric(12,3)", "numeric(12,3)", lambda r: f"{r.randrange(10**6)}.{r.randrange(1000):03}"),
    "double": ("double precision", "double precision", lambda r: r.choice(["0", "-0", "NaN", "Infinity", "-Infinity", "4.9e-324", "0.1", str(r.gauss(0, 1e6))])),
    "real": ("real", "real", lambda r: r.choice(["0", "-0", "NaN", "1e-30", "0.1", str(r.random())])),
    "boolean": ("boolean", "boolean", lambda r: r.choice(["t", "f"])),
    "text": ("text", "text", words),
    "icu": ('text COLLATE "en-x-icu"', "text", words),
    "varchar": ("varchar(400)", "text", words),
    "char": ("char(6)", "char(6)", lambda r: r.choice(["", "a", "a  ", "abcdef", "ä"])),
    "timestamptz": ("timestamptz", "timestamptz", moment),
    "timestamp": ("timestamp", "timestamp", lambda r: moment(r).replace("+00", "")),
    "date": ("date", "date", lambda r: r.choice(["infinity", "0001-01-01", "2024-02-29", f"19{r.randrange(10, 99)}-05-05"])),
    "time": ("time", "time", lambda r: f"{r.randrange(24):02}:00:00.{r.randrange(10**6):06}"),
    "interval": ("interval", "interval", lambda r: r.choice(["1 day", "24:00:00", "1 mon -1 day 00:00:00.5", "-1 year", "30 days"])),
    "uuid": ("uuid", "uuid", lambda r: str(uuid.UUID(int=r.getrandbits(128)))),
    "bytea": ("bytea", "bytea", lambda r: "\\x" + r.choice(["", "00", r.randbytes(r.randrange(1, 40)).hex()])),
    "jsonb": ("jsonb", "jsonb", lambda r: r.choice(["null", "{}", "[]", '"null"', '{"a": 1.0}', '{"a": 1.00}', '[1, null, "é"]', f'{{"n": {r.randrange(99)}}}'])),
    "json": ("json", "json", lambda r: r.choice(["null", " null ", '{"a":1,"a":2}', "[ ]", f"[{r.randrange(99)}]"])),
    "array": ("integer[]", "integer[]", lambda r: r.choice(["{}", "{1,NULL}", "{1,2,3,4}", "{{1,2},{3,4}}", "[2:3]={1,2}", f"{{{r.randrange(99)}}}"])),
    "texts": ("text[]", "text[]", lambda r: r.choice(["{}", '{a,"b c",NULL,"NULL"}', '{""}', f'{{"{r.randrange(99)}"}}'])),
    "range": ("int4range", "int4range", lambda r: r.choice(["empty", "(,)", "[1,5)", "(3,9]", f"[{r.randrange(50)},100)"])),
    "enum": ("mood", "mood", lambda r: r.choice(["sad", "ok", "so so"])),
    "domain": ("positive", "positive", lambda r: str(r.randrange(1, 1000))),
    "inet": ("inet", "inet", lambda r: r.choice(["10.0.0.1", "10.0.0.1/8", "::1"])),
    "bits": ("bit varying", "bit varying", lambda r: r.choice(["", "1", "0001", f"{r.randrange(64):b}"])),
}
KEYS = ["integer", "bigint", "text", "icu", "uuid", "date", "bytea", "money", "numeric", "timestamptz", "enum", "char", "varchar", "boolean"]
SETUP = "CREATE TYPE mood AS ENUM ('sad', 'ok', 'so so'); CREATE DOMAIN positive AS integer CHECK (VALUE > 0);"


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


class Table:
    """An entity of the history."""

    def __init__(self, rng, number, parents, deletes):
        self.rng = rng
        self.name = rng.choice(["t", "Täble ", 'q"uote', "a b"]) + str(number)
        self.entity = f"e{number}"
        self.deletes = deletes
        self.identity = rng.choice(["keep", "uuid-v7", "uuid-v7", "{ uuid-v5: url }", "generated"])
        few = ("enum", "char", "date", "boolean")  # that alone make too few keys
        self.keys = rng.sample(KEYS, rng.choice([1, 1, 1, 2, 3]))
        if all(k in few for k in self.keys):
            self.keys[0] = "bigint"
        self.columns = rng.choices(list(KINDS), k=rng.randrange(1, 7))
        self.changed = rng.random() < 0.4
        # (parent, name): a row of the parent by all columns of its key.
        usable = [p for p in parents if p.identity != "keep" or len(p.keys) == 1]
        self.parents = [(p, f"r{i}") for i, p in enumerate(rng.sample(usable, min(len(usable), rng.randrange(3))))]
        if rng.random() < 0.3 and (self.identity != "keep" or len(self.keys) == 1):
            self.parents.append((self, "self"))
        self.foreign = rng.random() < 0.7  # the destination has foreign keys, too
        # By a rule of the mapping or by the destination's own CHECK, one row of 16.
        self.refuses = rng.choice([None, None, "rule", "check"])
        self.rows = rng.choice([0, 1, 30, 200, 700])

    old = property(lambda self: f"public.{quoted(self.name)}")
    new = property(lambda self: f"public.{quoted(self.name + ' new')}")
    made = property(lambda self: self.identity != "keep")

    def key_names(self):
        return [f"k{i}" for i in range(len(self.keys))]

    def column_names(self):
        return [f"c{i}" for i in range(len(self.columns))]

    def new_id(self):
        """The type of what references to this table hold in the destination."""
        if not self.made:
            return KINDS[self.keys[0]][1]
        return "bigint" if self.identity == "generated" else "uuid"

    def make_old(self):
        parts = [f"k{i} {KINDS[k][0]} NOT NULL" for i, k in enumerate(self.keys)]
        parts += [f"c{i} {KINDS[c][0]}" for i, c in enumerate(self.columns)]
        for parent, name in self.parents:
            parts += [f"{name}_{i} {KINDS[k][0]}" for i, k in enumerate(parent.keys)]
        parts += [f"PRIMARY KEY ({', '.join(self.key_names())})"]
        for parent, name in self.parents:
            here = ", ".join(f"{name}_{i}" for i in range(len(parent.keys)))
            parts += [f"FOREIGN KEY ({here}) REFERENCES {parent.old} MATCH FULL"]
        if self.changed:
            parts.insert(0, "at timestamptz NOT NULL DEFAULT now()")
        text = f"CREATE TABLE {self.old} ({', '.join(parts)});"
        if self.changed:
            text += f"CREATE INDEX ON {self.old} (at); CREATE TRIGGER touch BEFORE UPDATE ON {self.old} FOR EACH ROW EXECUTE FUNCTION touch();"
        return text

    def make_new(self):
        parts = []
        if self.made:
            parts += ["id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY" if self.identity == "generated" else "id uuid PRIMARY KEY",
                      "legacy text NOT NULL UNIQUE"]
        parts += [f"k{i} {KINDS[k][1]} NOT NULL" for i, k in enumerate(self.keys)]
        parts += [f"c{i} {KINDS[c][1]}" for i, c in enumerate(self.columns)]
        for parent, name in self.parents:
            points = f" REFERENCES {parent.new}" if self.foreign and not (self.deletes == "ignore") else ""
            parts += [f"{name} {parent.new_id()}{points}"]
        parts += ["digest text" + (" CHECK (digest NOT LIKE '0%')" if self.refuses == "check" else "")]
        if self.deletes == "soft":
            parts += ["gone timestamptz"]
        if not self.made:
            parts += [f"PRIMARY KEY ({', '.join(self.key_names())})"]
        told = "legacy" if self.made else "jsonb_build_array(" + ", ".join(f"%.k{i}::text" for i in range(len(self.keys))) + ")::text"
        new, gone = (told.replace("%", row) if not self.made else f"{row}.legacy" for row in ("NEW", "OLD"))
        function = quoted(f"journal {self.name}")
        return (f"CREATE TABLE {self.new} ({', '.join(parts)});"
                f"CREATE FUNCTION public.{function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                # A key that the source spells anew (1.0 for 1.00) is the same row under another text.
                f" IF TG_OP = 'UPDATE' THEN IF {gone} = {new} THEN RETURN NULL; END IF; END IF;"
                f" IF TG_OP <> 'INSERT' THEN INSERT INTO public.journal VALUES ('{self.entity}', {gone}, -1); END IF;"
                f" IF TG_OP <> 'DELETE' THEN INSERT INTO public.journal VALUES ('{self.entity}', {new}, 1); END IF; RETURN NULL; END $$;"
                f"CREATE TRIGGER journal AFTER INSERT OR UPDATE OR DELETE ON {self.new} FOR EACH ROW EXECUTE FUNCTION public.{function}();")

    def digested(self):
        """A column whose text no setting changes."""
        steady = [f"c{i}" for i, kind in enumerate(self.columns) if kind != "interval"]
        return steady[0] if steady else "k0"

    def mapping(self):
        fields = [f"{{from: k{i}, to: k{i}}}" for i in range(len(self.keys))]
        fields += [f"{{from: c{i}, to: c{i}}}" for i in range(len(self.columns))]
        for parent, name in self.parents:
            here = ", ".join(f"{name}_{i}" for i in range(len(parent.keys)))
            fields += [f"{{from: [{here}], to: {name}, reference: {parent.entity}}}" if len(parent.keys) > 1
                       else f"{{from: {here}, to: {name}, reference: {parent.entity}}}"]
        fields += [f'{{to: digest, sql: "md5({self.digested()}::text)"}}']
        changed = ", changed_at: {column: at, set_by: server}" if self.changed else ""
        key = "id" if self.made else "[" + ", ".join(self.key_names()) + "]"
        metadata = ", metadata: {legacy_id: legacy}" if self.made else ""
        rules = 'rules:\n- {field: digest, rule: sql, sql: "digest NOT LIKE \'0%\'"}\n' if self.refuses == "rule" else ""
        deletes = {"soft": "{soft: gone}"}.get(self.deletes, self.deletes)
        old, new = ((quoted(name) if '"' in name else name).replace("'", "''") for name in (self.name, self.name + " new"))
        return (f"entity: {self.entity}\nversion: 1.0.0\n"
                f"source: {{table: '{old}', key: [{', '.join(self.key_names())}]{changed}}}\n"
                f"destination: {{table: '{new}', key: {key}{metadata}}}\n"
                f"identity: {self.identity}\ndeletes: {deletes}\nfields:\n" + "".join(f"- {f}\n" for f in fields) + rules)

    # ---- people at work ------------------------------------------------------------------------------------

    def value(self, kind):
        value = KINDS[kind][2](self.rng)
        if kind in ("text", "bytea") and self.rng.random() < 0.002:
            return "\\x" + "ab" * 500000 if kind == "bytea" else "1 MB " * 200000
        return value

    def insert(self, cursor, count):
        for _ in range(count):
            names, values, kinds = [], [], []
            for i, kind in enumerate(self.keys):
                # Keys that hold only a few values would meet all the time; what is larger than a third of a page is no key.
                value = str(self.rng.randrange(-2**31, 2**31)) if kind in ("integer", "bigint") else \
                    f"{words(self.rng)}{self.rng.randrange(10**5)}"[:200] if kind in ("text", "icu", "varchar") else KINDS[kind][2](self.rng)
                names, values, kinds = names + [f"k{i}"], values + [value], kinds + [KINDS[kind][0]]
            for i, kind in enumerate(self.columns):
                if self.rng.random() < 0.85:
                    names, values, kinds = names + [f"c{i}"], values + [self.value(kind)], kinds + [KINDS[kind][0]]
            for parent, name in self.parents:
                keys = self.some_key(cursor, parent)
                if keys and self.rng.random() < 0.8:
                    for i, kind in enumerate(parent.keys):
                        names, values, kinds = names + [f"{name}_{i}"], values + [keys[i]], kinds + [KINDS[kind][0]]
            cursor.execute(f"INSERT INTO {self.old} ({', '.join(names)}) VALUES ("
                           + ", ".join(f"%s::{kind.split(' COLLATE')[0]}" for kind in kinds) + ") ON CONFLICT DO NOTHING", values)

    @staticmethod
    def some_key(cursor, table):
        cursor.execute(f"SELECT {', '.join(f'k{i}::text' for i in range(len(table.keys)))} FROM {table.old}"
                       " ORDER BY random() LIMIT 1")
        return cursor.fetchone()

    def some_rows(self, count):
        return f"ctid = ANY(ARRAY(SELECT ctid FROM {self.old} ORDER BY random() LIMIT {count} FOR UPDATE SKIP LOCKED))"

    def update(self, cursor, count):
        parts, values = [], []
        for i in self.rng.sample(range(len(self.columns)), self.rng.randrange(1, len(self.columns) + 1)):
            if self.rng.random() < 0.1:
                parts.append(f"c{i} = NULL")
            else:
                parts.append(f"c{i} = %s::{KINDS[self.columns[i]][0].split(' COLLATE')[0]}")
                values.append(self.value(self.columns[i]))
        cursor.execute(f"UPDATE {self.old} SET {', '.join(parts)} WHERE {self.some_rows(count)}", values)

    def delete(self, cursor, count):
        for _ in range(count):
            cursor.execute("SAVEPOINT one")
            try:
                cursor.execute(f"DELETE FROM {self.old} WHERE {self.some_rows(1)}")
            except (errors.ForeignKeyViolation, errors.RestrictViolation):
                cursor.execute("ROLLBACK TO SAVEPOINT one")  # others point to it


class People:
    """Transactions at random on the source; one of them stays open for long."""

    def __init__(self, rng, database, tables):
        self.rng, self.database, self.tables = rng, database, tables
        self.slow = None

    def connect(self):
        connection = self.database.connect(autocommit=False)
        with connection.cursor() as cursor:
            cursor.execute(PINNED)
        connection.commit()
        return connection

    def step(self, cursor):
        table = self.rng.choice(self.tables)
        what = self.rng.random()
        count = self.rng.choice([1, 1, 3, 20])
        if what < 0.35:
            table.insert(cursor, count)
        elif what < 0.8:
            table.update(cursor, count)
        else:
            table.delete(cursor, min(count, 5))

    def transaction(self, connection, steps):
        """A lock that somebody holds, a key that is taken: that transaction does not come about."""
        try:
            with connection.cursor() as cursor:
                for _ in range(steps):
                    self.step(cursor)
            connection.commit() if self.rng.random() < 0.9 else connection.rollback()
        except (errors.LockNotAvailable, errors.UniqueViolation, errors.ForeignKeyViolation, errors.DeadlockDetected,
                errors.CheckViolation):
            connection.rollback()

    def work(self, connection, transactions):
        for _ in range(transactions):
            self.transaction(connection, self.rng.randrange(1, 5))

    def fill(self, connection):
        for table in self.tables:
            with connection.cursor() as cursor:
                table.insert(cursor, table.rows)
            connection.commit()

    def begin_slow(self):
        self.slow = self.connect()
        try:
            with self.slow.cursor() as cursor:
                self.step(cursor)
        except psycopg2.Error:
            self.slow.rollback()

    def end_slow(self):
        if self.slow:
            with contextlib.suppress(psycopg2.Error):
                self.slow.commit() if self.rng.random() < 0.8 else self.slow.rollback()
            self.slow.close()
            self.slow = None

    def upkeep(self):
        """What moves rows about without changing them."""
        table = self.rng.choice(self.tables)
        self.database.execute(self.rng.choice([f"VACUUM {table.old}", f"VACUUM FREEZE {table.old}", f"ANALYZE {table.old}",
                                               f"VACUUM FULL {table.old}"]))


# ---- runs, and what ends them --------------------------------------------------------------------------------


def terminate(database):
    database.server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
                            " AND application_name LIKE 'godwit%%'", [database.name])


class Workers:
    """`sync worker` beside the runs: some find no session and end, some are killed, some outlive the run that they help."""

    def __init__(self, rng, project):
        self.rng, self.project, self.running = rng, project, []

    def look(self):
        """Begun whenever none is there: a session is there for moments only."""
        if not any(w.process.poll() is None for w in self.running):
            self.running.append(self.project.start("sync", "worker", "--jobs", "1", env=SHORT))

    def kill(self):
        for worker in self.running:
            if worker.process.poll() is None and self.rng.random() < 0.7:
                worker.kill()

    def end(self):
        for worker in self.running:
            if worker.process.poll() is None:
                worker.kill()
        self.running.clear()


def disturbed_run(rng, project, methods, workers):
    """A run, and something that happens to it; (what it was, exit code)."""
    if rng.random() < 0.3:
        project.godwit("sync", "detect", "--method", rng.choice(methods), timeout=120)
    what = rng.choice(["nothing", "nothing", "kill", "kill", "kill worker", "kill worker", "source lost", "destination lost", "interrupt"])
    helped = what == "kill worker" or rng.random() < 0.3
    running = project.start("sync", "run", "--max-deletes", "100%", *rng.choice([[], ["--jobs", "2"], ["--batch-size", "50"]]), env=SHORT)
    if what != "nothing" or helped:
        until_then = time.monotonic() + rng.choice([0.05, 0.2, 0.5, 1.0, 2.0]) * rng.random() * 2
        while running.process.poll() is None and time.monotonic() < until_then:
            if helped:
                workers.look()
            time.sleep(0.005)
        if what == "kill worker":
            workers.kill()
        if what == "kill":
            running.kill()
            return what, None
        if what == "interrupt":
            with contextlib.suppress(ProcessLookupError):
                running.signal(signal.SIGINT)
            running.process.communicate(timeout=180)
            if running.process.returncode == -signal.SIGINT:
                return what, "before it began"
            return what, running.process.returncode
        if what.endswith("lost"):
            terminate(project.old if what == "source lost" else project.new)
    return what, running.finish(timeout=180).code


def play(rng, project, people, methods, told, summarized=None):
    """Runs while people work; each is disturbed or not."""
    connection = people.connect()
    workers = Workers(random.Random(rng.random()), project)
    try:
        for _ in range(rng.randrange(2, 5)):
            if rng.random() < 0.5 and summarized:
                summarized()
            if rng.random() < 0.5:
                people.begin_slow()
            at_work = threading.Thread(target=people.work, args=(connection, rng.randrange(0, 15)))
            # The run takes its chances from a generator of its own: two threads share none.
            mine = random.Random(rng.random())
            at_work.start()
            try:
                told.append(disturbed_run(mine, project, methods, workers))
            finally:
                at_work.join()
            if rng.random() < 0.5:
                people.end_slow()
            if rng.random() < 0.3 and not people.slow:
                people.upkeep()  # it would wait for the slow one
        if rng.random() < 0.5:
            workers.end()
        people.end_slow()
        last_run(project, told)
    finally:
        workers.end()
        people.end_slow()
        connection.close()


def last_run(project, told):
    """Until one ends well: what interrupted it is over."""
    for _ in range(8):
        done = project.godwit("sync", "run", "--json", "--max-deletes", "100%", timeout=180, env=SHORT)
        told.append(("last", done.code))
        if done.code in (0, 3) and done.json["status"] == "completed":
            return done
    raise AssertionError(f"the migration does not end: {told}\n{done}")


# ---- the comparison ----------------------------------------------------------------------------------------------


def texts(database, query):
    connection = database.connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute(PINNED)
            cursor.execute(query)
            return cursor.fetchall()
    finally:
        connection.close()


def refused(table, row, ids, columns):
    """Has this row of the source to be in the quarantine? For what it is, or because what it points to did not arrive."""
    if table.refuses and (row[columns] or "").startswith("0"):
        return True
    at = columns + 1
    for parent, _ in table.parents:
        pointed, at = row[at:at + len(parent.keys)], at + len(parent.keys)
        if pointed[0] is not None and pointed not in ids[parent.entity]:
            return True
    return False


def why_not(rejects):
    """What was said of rows, the rarest first, with a row of each."""
    said = collections.Counter(rejects.values())
    first = {message: key for key, message in sorted(rejects.items(), reverse=True)}
    return [(message, count, first[message]) for message, count in sorted(said.items(), key=lambda pair: pair[1])][:5]


def compare(table, project, ids, rejected):
    """What of this table is not as it has to be. ids: {entity: {key as texts: new id}}, filled in order; rejected: how
    many of each entity are in the quarantine rightly, filled too."""
    keys = [f"k{i}::text" for i in range(len(table.keys))]
    columns = [f"c{i}::text" for i in range(len(table.columns))]
    points = [[f"{name}_{i}::text" for i in range(len(parent.keys))] for parent, name in table.parents]
    source = {}
    digest = f"md5({table.digested()}::text)"
    for row in texts(project.old, f"SELECT {', '.join(keys + columns + [digest] + sum(points, []))} FROM {table.old}"):
        key, rest = row[:len(keys)], row[len(keys):]
        source[key] = rest
    own = ["id::text"] if table.made else keys[:1]
    gone = "gone IS NOT NULL" if table.deletes == "soft" else "false"
    there = {}
    refs = [f"{name}::text" for _, name in table.parents]
    for row in texts(project.new, f"SELECT {gone}, {own[0]}, {', '.join(keys + columns + ['digest'] + refs)} FROM {table.new}"):
        key = row[2:2 + len(keys)]
        if key in there:
            yield f"{table.entity} {key}: twice"
        there[key] = row
    ids[table.entity] = {key: row[1] for key, row in there.items()}
    rejects = dict(texts(project.new, f"SELECT key, message FROM godwit.sync_rejects WHERE entity_type = '{table.entity}'"))
    bad = {key for key, rest in source.items() if refused(table, rest, ids, len(columns))}
    rejected[table.entity] = len(bad)
    if len(rejects) != len(bad):
        yield f"{table.entity}: {len(rejects)} in the quarantine, {len(bad)} expected: {why_not(rejects)}, {sorted(bad)[:5]}"
    for key, rest in source.items():
        if key in bad:
            continue  # as it was when it was last accepted, or not there
        if key not in there:
            yield f"{table.entity} {key}: missing"
            continue
        row = there[key]
        if row[0]:
            yield f"{table.entity} {key}: marked as gone, and is there"
        want, at = list(rest[:len(columns) + 1]), len(columns) + 1
        for parent, _ in table.parents:
            pointed = rest[at:at + len(parent.keys)]
            want.append(None if pointed[0] is None else ids[parent.entity].get(pointed, "nobody"))
            at += len(parent.keys)
        if list(row[2 + len(keys):]) != want:
            yield f"{table.entity} {key}: is {[str(v)[:60] for v in row[2 + len(keys):]]}, not {[str(v)[:60] for v in want]}"
    for key in set(there) - set(source):
        if table.deletes == "delete" or (table.deletes == "soft" and not there[key][0]):
            yield f"{table.entity} {key}: is gone from the source"


def problems(tables, project, rejected):
    ids, said = {}, []
    for table in tables:
        said += compare(table, project, ids, rejected)
    for table in tables:
        count = project.new.value(sql.SQL("SELECT count(*) FROM {}").format(sql.SQL(table.new)))
        double = project.new.execute("SELECT key, sum(step), count(*) FROM journal WHERE entity = %s GROUP BY 1"
                                     " HAVING sum(step) NOT IN (0, 1) OR (count(*) > 1 AND min(step) = 1)", [table.entity])
        if double:
            said.append(f"{table.entity}: written twice: {double[:5]}")
        if project.new.value("SELECT coalesce(sum(step), 0) FROM journal WHERE entity = %s", [table.entity]) != count:
            said.append(f"{table.entity}: the journal does not add up")
    return said


def history(seed, make_sides):
    """(what was not as it has to be, what happened)"""
    rng = random.Random(seed)
    project = make_sides(jobs=rng.choice([1, 2]), batch={"rows": rng.choice([7, 60, 1000])})
    deletes = rng.choice(["delete", "delete", "soft", "ignore"])
    tables = []
    for i in range(rng.randrange(1, 4)):
        tables.append(Table(rng, i, tables, deletes))
    project.old.execute(SETUP + "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS"
                        " $$ BEGIN NEW.at := now(); RETURN NEW; END $$;" + "".join(t.make_old() for t in tables))
    project.new.execute(SETUP + "CREATE TABLE journal (entity text, key text, step int);" + "".join(t.make_new() for t in tables))
    for table in tables:
        project.write(f"sync/{table.entity}.yaml", table.mapping())
    project.register()
    people = People(random.Random(rng.random()), project.old, tables)
    connection = people.connect()
    people.fill(connection)
    connection.close()
    methods = ["auto", "checksum"] + (["timestamp"] if all(t.changed for t in tables) else [])
    told = []
    with contextlib.ExitStack() as stack:
        summarized = None
        if rng.random() < 0.7 and project.old.server.major >= 17:
            summarized = stack.enter_context(summarizing(project.old))
            methods.append("blocks")
        play(rng, project, people, methods, told, summarized)
    rejected = {}
    said = problems(tables, project, rejected)
    verified = project.godwit("sync", "verify", "--json", timeout=180)
    bad = sum(rejected.values())
    if not bad and (verified.code != 0 or not verified.json["equal"]):
        said.append(f"verify says: {verified.out} {verified.err}")
    fine = ("equal", "marked", "ignored", "quarantined")
    wrong = {(e["entity"], kind): count for e in verified.json["entities"] for kind, count in e["counts"].items()
             if kind not in fine and any(count.values())}
    if wrong:
        said.append(f"verify finds {wrong}")
    left = project.godwit("sync", "detect", "--json", timeout=180)
    if left.code != 0 or any(e["new"] + e["modified"] + e["deleted"] != e["in_quarantine"] or
                             e["in_quarantine"] != rejected[e["entity"]] for e in left.json["entities"]):
        said.append(f"detect still finds: {left.out} {left.err}")
    return said, told
