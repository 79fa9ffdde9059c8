"""Whatever a file says: the commands that only try files leave the target's server as it is.

Each way out of a database stands in a file of its own, plainly, in a DO block, built at run time, and in a
function that is called. All of them go through each command, and a picture of the whole server is compared.
A file that is refused is named by the command; it is then taken away, and the rest is tried again, so that
in the end each has either been tried or been named.
"""
import contextlib
import dataclasses
import re
import shutil

import pytest

from harness import system
from harness.server import Server
from harness.waiting import until

FORMS = ("plain", "block", "built", "called")
SECRET = "never-to-be-read-4711"

WAYS = {
    "alter_role": ["ALTER ROLE bystander CONNECTION LIMIT 7"],
    "create_role": ["CREATE ROLE got_out SUPERUSER"],
    "drop_role": ["DROP ROLE IF EXISTS bystander_too"],
    "grant_role": ["GRANT bystander TO postgres"],
    "create_database": ["CREATE DATABASE got_out"],
    "drop_database": ["DROP DATABASE IF EXISTS bystander_too"],
    "alter_database": ["ALTER DATABASE bystander SET work_mem = '1MB'"],
    "alter_system": ["ALTER SYSTEM SET work_mem = '77MB'"],
    "create_tablespace": ["CREATE TABLESPACE got_out LOCATION '{space}'"],
    "dblink": ["SELECT public.dblink_exec('{socket}', 'CREATE TABLE got_out_by_link ()')"],
    "dblink_tcp": ["SELECT public.dblink_exec('{tcp}', 'CREATE TABLE got_out_by_tcp ()')"],
    "copy_program": ["COPY (SELECT 1) TO PROGRAM 'touch {folder}/program'"],
    "copy_file": ["COPY (SELECT 1) TO '{folder}/copied'"],
    "subscription": ["CREATE SUBSCRIPTION got_out CONNECTION '{tcp}' PUBLICATION nothing WITH (create_slot = false, enabled = false)"],
    "logical_slot": ["SELECT pg_create_logical_replication_slot('got_out_logical', 'pgoutput')"],
    "physical_slot": ["SELECT pg_create_physical_replication_slot('got_out_physical')"],
    "postgres_fdw": ["CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS ({options})",
                     "CREATE USER MAPPING FOR PUBLIC SERVER far OPTIONS (user 'postgres')",
                     "CREATE FOREIGN TABLE far_one (x int) SERVER far OPTIONS (table_name 'bystander')",
                     "INSERT INTO far_one VALUES (666)"],
    "language": ["CREATE FUNCTION public.sneak(oid, text) RETURNS int LANGUAGE internal AS 'be_lo_export'",
                 "SELECT lo_create(4711)", "SELECT public.sneak(4711, '{folder}/sneaked')"],
    "lo_export": ["SELECT lo_create(4712)", "SELECT lo_export(4712, '{folder}/large')"],
    "catalog": ["UPDATE pg_catalog.pg_authid SET rolconnlimit = 8 WHERE rolname = 'bystander'"],
    "query_to_xml": ["SELECT query_to_xml(reverse($q$)'8_tuo_tog'(tols_noitacilper_lacisyhp_etaerc_gp TCELES$q$), true, true, '')"],
    "renamed": ["ALTER FUNCTION pg_catalog.pg_create_physical_replication_slot RENAME TO harmless",
                "SELECT pg_catalog.harmless('got_out_renamed')"],
    "pg_read_file": ["INSERT INTO public.stolen SELECT pg_read_file('{secret}')"],
    "terminate": ["SELECT pg_terminate_backend({pid})"],
}
BASE = "CREATE EXTENSION dblink;\nCREATE EXTENSION postgres_fdw;\nCREATE TABLE public.stolen (t text);\n"


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def hidden(way, statements, form):
    """The statements of a way, in this form. What fails inside a body is swallowed there: the rest goes on."""
    if form == "plain":
        return "".join(f"{s};\n" for s in statements)
    body = ""
    for s in statements:
        run = f"reverse({quoted(s[::-1])})" if form == "built" else f"$x${s}$x$"
        if form == "block" and s.split()[0] == "SELECT":
            run, s = None, "PERFORM" + s[6:]
        body += f"  BEGIN {f'EXECUTE {run}' if run else s}; EXCEPTION WHEN OTHERS THEN NULL; END;\n"
    if form == "called":
        return (f"CREATE OR REPLACE FUNCTION public.way_{way}() RETURNS void LANGUAGE plpgsql AS $f$\nBEGIN\n{body}END $f$;\n"
                f"SELECT public.way_{way}();\n")
    return f"DO $do$\nBEGIN\n{body}END $do$;\n"


@dataclasses.dataclass
class Target:
    """A server with bystanders: a role, a database with rows, a secret file, a session."""
    server: object
    database: object
    folder: object
    session: object
    project: object

    def values(self):
        server = self.server
        return {"socket": f"host={server.socket_dir} port={server.port} dbname=bystander user=postgres",
                "tcp": f"host=127.0.0.1 port={server.port} dbname=bystander user=postgres connect_timeout=3",
                "options": f"host '127.0.0.1', port '{server.port}', dbname 'bystander'",
                "folder": self.folder, "secret": self.folder / "secret", "space": self.folder / "space",
                "pid": self.session.get_backend_pid()}

    def files(self, forms=FORMS):
        """{name: text} of each way in each form."""
        values = self.values()
        return {f"{way}_{form}": hidden(way, [s.format(**values) for s in statements], form)
                for way, statements in WAYS.items() for form in forms}

    def picture(self):
        """All of the server that is not schema godwit of the target's database."""
        ask = {
            "roles": "SELECT rolname, rolsuper, rolcanlogin, rolconnlimit, rolpassword, rolvaliduntil::text FROM pg_authid",
            "members": "SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members",
            "settings of roles and databases": "SELECT * FROM pg_db_role_setting",
            "databases": "SELECT datname, datconnlimit, datacl::text, dattablespace FROM pg_database",
            "tablespaces": "SELECT spcname FROM pg_tablespace",
            "settings": "SELECT name, setting FROM pg_file_settings",
            "configuration read": "SELECT pg_conf_load_time()::text, pg_postmaster_start_time()::text",
            "slots": "SELECT slot_name FROM pg_replication_slots",
            "origins": "SELECT roname FROM pg_replication_origin",
            "subscriptions": "SELECT subname FROM pg_subscription",
            "prepared": "SELECT gid FROM pg_prepared_xacts",
            "session": f"SELECT datname FROM pg_stat_activity WHERE pid = {self.session.get_backend_pid()}",
        }
        picture = {name: sorted(map(repr, self.server.execute(text))) for name, text in ask.items()}
        for database in ("target", "bystander"):
            if f"('{database}'," not in "".join(picture["databases"]):
                continue
            connection = self.server.connect(database)
            with connection.cursor() as cursor:
                cursor.execute("SELECT c.oid::regclass::text, c.relkind, c.xmin::text FROM pg_class c JOIN pg_namespace n"
                               " ON n.oid = c.relnamespace WHERE n.nspname !~ '^(pg_|information_schema|godwit$)' ORDER BY 1")
                picture[f"relations of {database}"] = cursor.fetchall()
                cursor.execute("SELECT (SELECT count(*) FROM pg_largeobject_metadata), (SELECT count(*) FROM pg_extension)"
                               ", (SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
                               " WHERE n.nspname !~ '^(pg_|information_schema|godwit$)')")
                picture[f"objects of {database}"] = cursor.fetchall()
                if database == "bystander":
                    cursor.execute("SELECT * FROM bystander ORDER BY 1")
                    picture["rows"] = cursor.fetchall()
            connection.close()
        picture["files"] = sorted(str(p) for p in self.folder.rglob("*"))
        picture["data directory"] = sorted(p.name for p in self.server.data.iterdir())
        picture["its own settings"] = (self.server.data / "postgresql.auto.conf").read_text()
        return picture


@contextlib.contextmanager
def bystanders(bindir):
    """A server, a folder that everybody may write to, and a session of somebody else."""
    folder, witness = system.make_folder("outer"), system.make_folder("outside")
    server = Server(folder, bindir)
    server.init()
    server.start()
    for role in ("bystander", "bystander_too"):
        server.create_role(name=role)
    bystander = server.create_database("bystander")
    server.create_database("bystander_too")
    bystander.execute("CREATE TABLE bystander (x int); INSERT INTO bystander VALUES (1)")
    witness.chmod(0o777)
    (witness / "space").mkdir()
    (witness / "secret").write_text(SECRET)
    for path in (witness / "space", witness / "secret"):
        system.give_to_server_user(path)
    session = server.connect("bystander")
    yield server, witness, session
    session.close()
    server.stop("immediate")
    for path in (folder, witness):
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def outer(bindir):
    """A test that changes it fails, and the others with it."""
    with bystanders(bindir) as made:
        yield made


@pytest.fixture
def target(outer, make_project):
    server, witness, session = outer
    database = server.create_database("target")
    yield Target(server, database, witness, session, make_project(database.url))
    database.drop()


@pytest.fixture
def outer_again(bindir):
    """One that may be changed."""
    with bystanders(bindir) as (server, witness, session):
        yield Target(server, server.create_database("target"), witness, session, None)


# ---- what is tried: the files as migrations, and as a declared schema -------------------------------------

def as_migrations(target, files):
    """A migration a way, its down the same: `test` goes that way, too."""
    folder = target.project / "migrations"
    shutil.rmtree(folder)
    folder.mkdir()
    target.project.migration("0", "base", BASE, "DROP EXTENSION dblink; DROP EXTENSION postgres_fdw; DROP TABLE stolen;")
    for number, (name, text) in enumerate(files.items(), 1):
        head = "-- godwit: no-transaction\n"
        target.project.migration(number, name, head + text, head + text)


def as_applied(target, files):
    """For verify: a history that says that all of it was applied."""
    as_migrations(target, files)
    target.database.execute("DROP SCHEMA IF EXISTS godwit CASCADE")
    target.project.godwit("baseline", str(len(files)), code=0)


def as_schema(target, files):
    folder = target.project / "declared"
    shutil.rmtree(folder, ignore_errors=True)
    target.project.write("declared/0_base.sql", BASE)
    for name, text in files.items():
        target.project.write(f"declared/{name}.sql", text)


def as_one_file(target, files):
    as_schema(target, {})
    target.project.write("declared.sql", BASE + "".join(f"-- {n}\n{t}" for n, t in files.items()))


COMMANDS = {
    "plan": (as_migrations, ["plan"]),
    "up --dry-run": (as_migrations, ["up", "--dry-run"]),
    "test": (as_migrations, ["test"]),
    "verify": (as_applied, ["verify"]),
    "squash": (as_migrations, ["squash", "--dry-run", "--to", "{last}"]),
    "diff from migrations": (as_migrations, ["diff", "--from", "migrations", "--to", "database"]),
    "diff to migrations": (as_migrations, ["diff", "--from", "database", "--to", "migrations"]),
    "diff from a folder": (as_schema, ["diff", "--from", "declared", "--to", "database"]),
    "diff to a folder": (as_schema, ["diff", "--from", "database", "--to", "declared"]),
    "push --dry-run": (as_schema, ["push", "--dry-run", "declared"]),
    "models of migrations": (as_migrations, ["models", "--lang", "ts", "--from", "migrations"]),
    "models of a folder": (as_schema, ["models", "--lang", "ts", "--from", "declared"]),
    "docs of migrations": (as_migrations, ["docs", "--format", "markdown", "--from", "migrations", "--out", "site"]),
    "docs of a folder": (as_schema, ["docs", "--format", "markdown", "--from", "declared", "--out", "site"]),
    "lint": (as_migrations, ["lint"]),
    "lint of a folder": (as_schema, ["lint", "declared"]),
}


TRYING = [c for c in COMMANDS if "lint" not in c and c != "up --dry-run"]


def go_through(target, command, files, **options):
    """Until nothing is refused any more: {name: why it was refused, or None}, and all that was said."""
    write, words = COMMANDS[command]
    left, outcome, said = dict(files), {}, ""
    while left:
        write(target, left)
        result = target.project.godwit(*[w.format(last=len(left)) for w in words], code=(0, 1, 3, 4), timeout=300, **options)
        text = result.out + result.err
        said += text
        # test goes no further than the first file that it cannot try
        refused = result.code in (1, 4) or "drift was not looked for" in text or "could not be tested" in text
        named = [n for n in left if re.search(rf"[_/]{n}(\.up|\.down)?\.sql:", text)] if refused else []
        for name in named:
            outcome[name] = text
            del left[name]
        assert named or not refused, f"refused, and no file named\n{result}"
        if not refused:
            outcome.update(dict.fromkeys(left))
            break
    return outcome, said


def in_turn(files, command, every=1):
    """One form of each way (of each fourth way): others for each command, so that all are tried by some."""
    turn = list(COMMANDS).index(command)
    wanted = {f"{way}_{FORMS[(turn + place // every) % len(FORMS)]}" for place, way in enumerate(WAYS) if (place + turn) % every == 0}
    return {name: text for name, text in files.items() if name in wanted}


def check_untouched(target, before, said):
    assert target.picture() == before
    assert SECRET not in said
    assert not target.server.execute("SELECT FROM pg_database WHERE datname LIKE 'godwit%'")


@pytest.mark.many
@pytest.mark.parametrize("command", COMMANDS)
def test_the_server_is_left_as_it_is(target, command):
    """All forms of all ways where a command goes on behind what it refuses; one form of each where it stops there and has
    to be run again for each (`test` in all forms: tests/fault/test_outside_whole.py)."""
    files = target.files()
    if command not in ("plan", "diff to a folder") and command in TRYING:
        files = in_turn(files, command, every=4 if command == "squash" else 1)
    check_left_as_it_is(target, command, files)


def check_left_as_it_is(target, command, files):
    before = target.picture()
    outcome, said = go_through(target, command, files)
    assert set(outcome) == set(files), "each was tried or named"
    check_untouched(target, before, said)


@pytest.mark.many
@pytest.mark.parametrize("command", [c for c in TRYING if "models" not in c and "docs" not in c])
def test_the_server_is_left_as_it_is_where_shadows_are_on_it(target, command):
    """Nothing there keeps a statement in: what reaches outside is named, and not run."""
    files = in_turn(target.files(), command, every=4)
    before = target.picture()
    outcome, said = go_through(target, command, files, env={"GODWIT_SHADOW_URL": target.server.url()})
    assert set(outcome) == set(files), "each was tried or named"
    check_untouched(target, before, said)
    named = r"[_/]{0}(\.up)?\.sql:|^\S+ {0}\n(  .*\n)*?.*not tried"
    silent = [n for n, why in outcome.items() if not why and not re.search(named.format(n), said, re.M)]
    assert silent == []


@pytest.mark.parametrize("form", ["plain", "built"])
def test_each_way_leads_out(outer_again, form):
    """What is really run is seen in the picture: otherwise the tests above would prove nothing."""
    target = outer_again
    not_in_a_body = {"create_database", "drop_database", "alter_system", "create_tablespace"}
    hidden_ways = {"pg_read_file"} | (set() if form == "plain" else not_in_a_body)
    target.database.execute(BASE)
    target.server.connect("bystander").cursor().execute("CREATE PUBLICATION nothing")
    before = target.picture()
    for name, text in target.files((form,)).items():
        connection = target.database.connect()
        with connection.cursor() as cursor:
            for statement in text.split(";\n")[:-1] if form == "plain" else [text]:
                cursor.execute(statement)
        connection.close()
        way = name.rsplit("_", 1)[0]
        seen = {}

        def reached():
            seen["after"] = target.picture()
            return any(before[k] != seen["after"][k] for k in before if k not in ("objects of target", "relations of target"))
        if way in hidden_ways:
            assert not reached(), way
        else:  # some only send a signal, which takes its time
            until(reached, 60, f"what {name} does")
        before = seen["after"]
    assert target.database.value("SELECT t FROM stolen") == SECRET
