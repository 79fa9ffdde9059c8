"""Backups: made, proven, taken out, restored; what is refused, and what is left when things go wrong."""
import contextlib
import datetime
import fcntl
import json
import os
import pathlib
import random
import stat
import subprocess
import threading

import pytest

from harness import gwb, system
from harness.blocking import holding
from harness.vault_killing import kill_vault
from harness.waiting import until

CLIENTS = system.PG_DUMP_MAJOR
RUN_LOCK = 0x676F6477697432
TABLES_LOCK = 0x676F6477697431  # who makes Godwit's tables
SECRET = {"GODWIT_PASSPHRASE": "correct horse battery"}

HARD = """
CREATE SCHEMA "a ""quoted"" schéma";
CREATE TYPE public.mood AS ENUM ('sad', 'it''s fine');
CREATE TABLE public.users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, mood public.mood, photo bytea);
CREATE TABLE "a ""quoted"" schéma"."%s" (id int PRIMARY KEY, user_id bigint REFERENCES public.users);
CREATE TABLE public.empty (x int);
CREATE TABLE public.log (at date NOT NULL, line text) PARTITION BY RANGE (at);
CREATE TABLE public.log_1 PARTITION OF public.log FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE VIEW public.names AS SELECT name FROM public.users;
CREATE MATERIALIZED VIEW public.counts AS SELECT count(*) FROM public.users;
INSERT INTO public.users (name, mood, photo)
  SELECT 'n' || i, CASE WHEN i %% 3 > 0 THEN 'it''s fine'::public.mood END, decode(md5(i::text), 'hex') FROM generate_series(1, 3000) AS i;
INSERT INTO "a ""quoted"" schéma"."%s" SELECT i, i FROM generate_series(1, 500) AS i;
INSERT INTO public.log VALUES ('2026-01-05', 'x'), ('2026-01-06', E'tab\\tnewline\\n');
""" % (("ü" * 31 + "x",) * 2)


@pytest.fixture(autouse=True)
def new_enough(server, request):
    if (server.major > CLIENTS) != ("newer_server" in request.node.name):
        pytest.skip("about servers that are newer than pg_dump here, or about others")


def test_a_newer_server_is_refused_by_both_versions(filled, server):
    said = filled.godwit("backup", code=1).err
    assert f"pg_dump is of version {CLIENTS}." in said
    assert f"and the server of version {server.major}." in said and f"postgresql-client-{server.major}" in said
    assert files_of(filled) == []
    filled.migration(2, "second", "CREATE TABLE public.second (x int)")
    filled.godwit("up", "--backup", code=1)
    assert filled.states()["2"] == "pending"


@pytest.fixture
def filled(project, database):
    project.migration(1, "first", HARD)
    project.godwit("up")
    return project


def made(project, *words, **options):
    return json.loads(project.godwit("--json", "backup", *words, code=0, **options).out)


def files_of(project):
    folder = pathlib.Path(project.path) / "backups"
    return sorted(p.name for p in folder.iterdir()) if folder.exists() else []


def digest(database):
    """All rows of all tables, as one text."""
    tables = database.execute("SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
                           "WHERE relkind = 'r' AND nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'godwit') ORDER BY 1")
    return {t: database.value(f"SELECT md5(string_agg(r::text, '|' ORDER BY r::text)) FROM {t} AS r") for (t,) in tables}


@pytest.mark.slow
@pytest.mark.parametrize("secret", [{}, SECRET], ids=["open", "encrypted"])
def test_lost_and_restored(filled, database, make_database, secret):
    before = digest(database)
    backup = made(filled, env=secret)
    assert set(backup) >= {"id", "path", "bytes", "sha256"} and backup["encrypted"] == bool(secret)
    assert files_of(filled) == [backup["id"] + ".gwb"]
    assert stat.S_IMODE(os.stat(backup["path"]).st_mode) == 0o600
    assert backup["bytes"] == os.stat(backup["path"]).st_size

    # The other reader opens it, and pg_restore what comes out.
    read = gwb.read(backup["path"], secret.get("GODWIT_PASSPHRASE"))
    assert read.manifest["stored"]["sha256"] == backup["sha256"]
    counts = {t["name"]: t["rows"] for t in read.manifest["tables"] if t["schema"] != "godwit"}
    assert counts == {"users": 3000, "ü" * 31 + "x": 500, "empty": 0, "log_1": 2}
    assert read.manifest["migration_version"] == "1"
    taken = filled.godwit("backups", "extract", backup["id"], "-o", "plain.dump", code=0, env=secret)
    assert "pg_restore" in taken.out
    assert (pathlib.Path(filled.path) / "plain.dump").read_bytes() == read.plain

    verified = json.loads(filled.godwit("--json", "backups", "verify", code=0, env=secret).out)
    assert verified["equal"] and verified["rows"] >= 3502
    listed = json.loads(filled.godwit("--json", "backups", "list", code=0).out)["backups"]
    assert [b["id"] for b in listed] == [backup["id"]] and listed[0]["verified_at"]

    # Into an empty one; then everything is lost, and comes back in its place.
    other = make_database()
    shown = filled.godwit("restore", backup["id"], "--into", other.url, code=0, env=secret)
    assert "its history matches the files" in shown.out
    assert digest(other) == before
    database.execute("DROP TABLE public.users CASCADE; CREATE TABLE public.mine (x int)")
    refused = filled.godwit("restore", backup["id"], code=5, env=secret)
    assert "is not empty" in refused.err and "--replace" in refused.err
    filled.godwit("restore", backup["id"], "--replace", "--yes", code=0, env=secret)
    assert digest(database) == before
    left = database.execute("SELECT datname FROM pg_database WHERE datname LIKE 'godwit_restore_%%' OR datname LIKE %s || '_before_%%'",
                         [database.name])
    assert left == []
    assert filled.godwit("verify", code=0)


def test_a_directory(filled, database, make_database):
    """Dumped and restored by several at once; kept as one file, with what holds for every other one."""
    database.execute("SELECT lo_from_bytea(4711, 'large')")
    before = digest(database)
    folder = pathlib.Path(filled.path) / "backups"
    left = folder / "0123456789abcdef.plain"  # of a process that was killed
    left.mkdir(parents=True)
    (left / "toc.dat").write_text("plain")
    backup = made(filled, "--directory")
    assert files_of(filled) == [backup["id"] + ".gwb"] and backup["bytes"] == os.stat(backup["path"]).st_size
    read = gwb.read(backup["path"])
    assert read.manifest["format"] == "directory"
    members = gwb.members(read)
    assert members["toc.dat"].startswith(b"PGDMP") and list(members) == sorted(members)

    filled.godwit("backups", "extract", backup["id"], code=2)
    filled.godwit("backups", "extract", backup["id"], "-o", "taken out", code=0)
    taken = pathlib.Path(filled.path) / "taken out"
    assert {p.name: p.read_bytes() for p in taken.iterdir()} == members
    said = filled.godwit("backups", "extract", backup["id"], "-o", "taken out", code=2).err
    assert "cannot make" in said and (taken / "toc.dat").exists()

    verified = json.loads(filled.godwit("--json", "backups", "verify", code=0).out)
    assert verified["equal"] and verified["rows"] >= 3502
    other = make_database()
    filled.godwit("restore", backup["id"], "--into", other.url, code=0)
    assert digest(other) == before and other.value("SELECT lo_get(4711)").tobytes() == b"large"
    database.execute("DROP TABLE public.users CASCADE")
    filled.godwit("restore", backup["id"], "--replace", "--yes", code=0)
    assert digest(database) == before
    assert sorted(files_of(filled)) == [backup["id"] + ".gwb", backup["id"] + ".gwb.verified"]

    whole = bytearray(pathlib.Path(backup["path"]).read_bytes())
    whole[len(whole) // 2] ^= 1
    pathlib.Path(backup["path"]).write_bytes(whole)
    assert "damaged" in filled.godwit("backups", "extract", backup["id"], "-o", "y", code=1).err
    assert not (pathlib.Path(filled.path) / "y").exists()


def test_a_directory_whose_maker_is_killed(filled, tmp_path):
    """No file is taken for a backup, and the next one leaves nothing of the plain folder."""
    folder, spy, hold = pathlib.Path(filled.path) / "backups", tmp_path / "bin", tmp_path / "hold"
    spy.mkdir()
    hold.touch()
    real = f"/usr/lib/postgresql/{CLIENTS}/bin/pg_dump"
    (spy / "pg_dump").write_text(f"#!/bin/sh\n[ \"$1\" = --version ] && exec {real} \"$@\"\n{real} \"$@\"\necho written > {tmp_path}/written\n"
                                 f"while [ -e {hold} ]; do sleep 0.1; done\n")
    (spy / "pg_dump").chmod(0o755)
    run = filled.start("backup", "--directory", env={"GODWIT_PG_BINDIR": str(spy)})
    try:
        until((tmp_path / "written").exists, 60, "a folder that is written")
        run.process.kill()
        run.process.wait(60)
    finally:
        hold.unlink()
    assert list(folder.glob("*.gwb")) == [] and len(list(folder.glob("*.plain/**/toc.dat"))) == 1
    assert json.loads(filled.godwit("--json", "backups", "list", code=0).out)["backups"] == []
    backup = made(filled, "--directory")
    assert files_of(filled) == [backup["id"] + ".gwb"]
    assert json.loads(filled.godwit("--json", "backups", "verify", code=0).out)["equal"]


def test_a_directory_of_parts_that_another_one_writes_beside(filled):
    """A folder that is locked belongs to somebody who is at work."""
    folder = pathlib.Path(filled.path) / "backups"
    busy = folder / "fedcba9876543210.plain"
    busy.mkdir(parents=True)
    handle = os.open(busy, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    backup = made(filled, "--directory", "--tables", "public.log")
    assert busy.exists()
    os.close(handle)
    assert json.loads(filled.godwit("--json", "backups", "verify", code=0).out)["equal"]
    sealed = made(filled, "--directory", "--schema-only", env=SECRET)
    assert sealed["encrypted"] and "toc.dat" in gwb.members(gwb.read(sealed["path"], SECRET["GODWIT_PASSPHRASE"]))
    assert not busy.exists() and gwb.read(backup["path"]).manifest["contents"] == "tables"


def test_what_was_there_is_kept(filled, database):
    backup = made(filled)
    database.execute("DELETE FROM public.log; ALTER DATABASE \"%s\" SET work_mem = '5MB'; COMMENT ON DATABASE \"%s\" IS 'it''s 100%%'"
                     % (database.name, database.name))
    earlier = database.name[:40] + "_before_20200101000000"
    database.execute(f'CREATE DATABASE "{earlier}" TEMPLATE template0')
    restored = json.loads(filled.godwit("--json", "restore", backup["id"], "--to-new", code=0).out)
    assert restored["kept"].startswith(database.name[:40] + "_before_")
    assert restored["before"] == [earlier, restored["kept"]]
    database.execute(f'DROP DATABASE "{earlier}"')
    assert database.value("SELECT count(*) FROM public.log") == 2
    assert database.value("SHOW work_mem") == "5MB"
    assert database.value("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()") == "it's 100%"
    assert database.value("SELECT count(*) FROM pg_database WHERE datname = %s", [restored["kept"]]) == 1
    database.execute('DROP DATABASE "%s"' % restored["kept"])


def test_what_a_backup_counts_and_holds_is_of_one_moment(filled, database):
    """Writers add a row to two tables in each transaction: whenever it is, both have as many."""
    database.execute("CREATE TABLE public.one (n int); CREATE TABLE public.two (n int)")
    over, written = threading.Event(), []

    def write():
        with contextlib.closing(database.connect(autocommit=False)) as connection, connection.cursor() as cursor:
            while not over.is_set():
                cursor.execute("INSERT INTO public.one VALUES (1)")
                cursor.execute("INSERT INTO public.two VALUES (1)")
                connection.commit()
                written.append(1)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        for directory in ([], ["--directory"]):
            until(lambda: len(written) > 20, what="rows")
            backup, before = made(filled, *directory), len(written)
            tables = {f"{t['schema']}.{t['name']}": t["rows"] for t in gwb.read(backup["path"]).manifest["tables"]}
            assert tables["public.one"] == tables["public.two"] > 0, tables
            until(lambda: len(written) > before, what="a writer that goes on")
            assert json.loads(filled.godwit("--json", "backups", "verify", backup["id"], code=0).out)["equal"]
    finally:
        over.set()
        for writer in writers:
            writer.join()


def test_into_is_the_database_that_it_names(filled, database, make_database):
    """Neither the variable of another address nor the environment's tenants lead elsewhere."""
    backup = made(filled)["id"]
    other, third = make_database(), make_database()
    third.execute("CREATE TABLE precious ()")
    filled.godwit("--yes", "restore", backup, "--into", other.url, "--replace", code=0, env={"GODWIT_DIRECT_URL": third.url})
    assert third.tables() == ["precious"] and "log" in other.tables()
    empty = make_database()
    for each in (f"databases: [{json.dumps(third.name)}]", "schemas: 'tenant_%'"):
        filled.config(f"project: t\nmigrations: migrations\nenvironments:\n  test: {{ url: {json.dumps(database.url)}, for_each: {{ {each} }} }}\n")
        filled.godwit("--yes", "restore", backup, "--into", empty.url, "--replace", code=0)
        assert third.tables() == ["precious"] and "log" in empty.tables()


def test_a_restore_beside_a_run_gives_way(filled, database, make_database):
    """Up to the moment when the names change it has the lock that a run takes, also where there are no tables of Godwit's."""
    backup = made(filled)["id"]
    empty = make_database()
    for url, held in ((database.url, database), (empty.url, empty)):
        filled.config(f"project: t\nmigrations: migrations\nenvironments:\n  test: {{ url: {json.dumps(url)}, wait: 0s }}\n")
        with holding(held, "SELECT pg_advisory_lock(%s)", [RUN_LOCK]):
            said = filled.godwit("--yes", "restore", backup, "--replace", code=7).err
            assert "another run holds the lock" in said and f"{held.name}_before" not in said
        until(lambda: not held.execute("SELECT FROM pg_stat_activity WHERE application_name = 'stands in the way' AND datname = current_database()"),  # noqa: B023
              what="the end of the session with the lock")
        filled.godwit("--yes", "restore", backup, "--replace", code=0)


def test_what_somebody_made_is_not_empty(database, server):
    """Also what is in no schema: a restore would lie beside it, or fail on it."""
    empty = (pathlib.Path(__file__).parents[2] / "sql/vault/dump_is_empty.sql").read_text(encoding="utf-8")
    for what in ("SELECT 1", "SELECT lo_create(0)", "CREATE PUBLICATION p", "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
                 "CREATE CAST (text AS bytea) WITH INOUT", "CREATE FOREIGN DATA WRAPPER w", "CREATE SCHEMA s", "CREATE EXTENSION hstore",
                 "CREATE LANGUAGE l HANDLER plpgsql_call_handler", "CREATE ACCESS METHOD a TYPE INDEX HANDLER bthandler",
                 "CREATE TABLE t ()", "CREATE TYPE e AS ENUM ()", "CREATE COLLATION c FROM \"C\"", "CREATE OPERATOR FAMILY f USING btree",
                 "CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple)", "CREATE OPERATOR === (FUNCTION = int4eq, LEFTARG = int4, RIGHTARG = int4)",
                 "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f()",
                 "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (connect = false, slot_name = NONE)"):
        with database.connect(autocommit=False) as connection, connection.cursor() as cursor:
            if "f()" in what:
                cursor.execute("CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'")
            cursor.execute(what)
            cursor.execute(empty)
            assert cursor.fetchone() == (what == "SELECT 1",), what
            connection.rollback()


def test_parts(filled, database):
    some = made(filled, "--tables", "public.log", "--tables", "users")
    manifest = gwb.read(some["path"]).manifest
    assert {(t["name"], t.get("rows")) for t in manifest["tables"]} == {("log", None), ("log_1", 2), ("users", 3000)}
    assert manifest["contents"] == "tables" and manifest["schema_fingerprint"] is None
    hard = '"a ""quoted"" schéma"."%s"' % ("ü" * 31 + "x")
    one = made(filled, "--tables", hard)
    answer = json.loads(filled.godwit("--json", "backups", "verify", one["id"], code=0).out)
    assert answer["equal"] and (answer["tables"], answer["rows"]) == (1, 500)
    schema = made(filled, "--schema-only")
    assert all("rows" not in t for t in gwb.read(schema["path"]).manifest["tables"])
    assert json.loads(filled.godwit("--json", "backups", "verify", schema["id"], code=0).out)["equal"]
    said = filled.godwit("backup", "--tables", "nowhere", code=2).err
    assert 'there is no table "nowhere"' in said
    assert len(files_of(filled)) == 5  # two say that theirs was verified


def test_a_wrong_or_missing_passphrase(filled):
    backup = made(filled, env=SECRET)
    assert "no key for it is at hand" in filled.godwit("backups", "verify", code=2).err
    wrong = filled.godwit("backups", "verify", code=1, env={"GODWIT_PASSPHRASE": "no"}).err
    assert "cannot be opened with this key or passphrase" in wrong
    file = pathlib.Path(filled.path) / "secret"
    file.write_text(SECRET["GODWIT_PASSPHRASE"] + "\nsecond line\n")
    filled.godwit("backups", "extract", backup["id"], "-o", "x", "--passphrase-file", str(file), code=0)


def test_damage_is_found_before_anything_is_touched(filled, database, make_database):
    backup = made(filled)
    path = pathlib.Path(backup["path"])
    whole = bytearray(path.read_bytes())
    empty = make_database()
    for at in (100, len(whole) // 2, len(whole) - 1):
        broken = whole.copy()
        broken[at] ^= 4
        path.write_bytes(broken)
        assert "damaged" in filled.godwit("restore", backup["id"], "--into", empty.url, code=1).err
        assert "damaged" in filled.godwit("backups", "extract", backup["id"], "-o", "x", code=1).err
        assert not (pathlib.Path(filled.path) / "x").exists()
    path.write_bytes(whole[:-1000])
    assert "cut off" in filled.godwit("backups", "list", code=0).out
    assert "damaged" in filled.godwit("restore", backup["id"], "--into", empty.url, code=1).err
    assert empty.tables() == []


def test_a_backup_that_lies_is_told(filled, database):
    """The manifest counts what the snapshot saw; a restore that brings less is no success."""
    backup = made(filled)
    head = json.loads(filled.godwit("--json", "backups", "list", code=0).out)["backups"][0]
    assert head["sha256"] == backup["sha256"]
    # A trigger that swallows rows of a restore: pg_restore is content, the counts are not.
    database.execute("CREATE FUNCTION public.swallow() RETURNS event_trigger LANGUAGE plpgsql AS "
                 "$$ BEGIN DELETE FROM public.log_1; EXCEPTION WHEN undefined_table THEN END $$; "
                 "CREATE EVENT TRIGGER e ON ddl_command_end WHEN TAG IN ('CREATE INDEX', 'ALTER TABLE') "
                 "EXECUTE FUNCTION public.swallow()")
    second = made(filled)
    answer = json.loads(filled.godwit("--json", "backups", "verify", second["id"], code=0).out)
    assert answer["equal"]  # event triggers come last


def test_pg_dump_too_old(filled, tmp_path):
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    old.chmod(0o755)
    fake = tmp_path / "usr"
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"]).returncode:
        pytest.skip("needs a mount namespace")
    fake.mkdir()
    script = f"mount --bind {fake} /usr/lib/postgresql && PATH={tmp_path}:/bin exec \"$@\""
    program = os.environ["GODWIT_BIN"]
    said = subprocess.run(["unshare", "-m", "sh", "-c", script, "x", program, "-C", str(filled.path), "backup"],
                          capture_output=True, text=True)
    assert said.returncode == 1
    assert "pg_dump is of version 9.6.24, and the server of version" in said.stderr
    assert files_of(filled) == []


def test_a_folder_that_cannot_be_written(filled):
    folder = pathlib.Path(filled.path) / "backups"
    folder.write_text("a file in its place")
    assert "backups" in filled.godwit("backup", code=1).err


def test_a_folder_that_is_read_only(filled, tmp_path):
    """Root may write anywhere, but not on a file system that is mounted read-only."""
    folder = tmp_path / "ro"
    folder.mkdir()
    if not system.mount_small(folder, "8m"):
        pytest.skip("needs root")
    try:
        filled.config(filled.read("godwit.yaml") + f"backup: {{ directory: {folder} }}\n")
        backup = made(filled)
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        assert "Read-only file system" in filled.godwit("backup", code=1).err
        assert [p.name for p in folder.iterdir()] == [backup["id"] + ".gwb"]
        # It can be read and proven; that it was cannot be written down, which is said and no failure.
        said = filled.godwit("backups", "verify", code=0)
        assert "could not be written down" in said.err and "restores" in said.out
    finally:
        subprocess.run(["umount", folder], check=True)


def test_one_that_restores_to_something_else(filled, database):
    """Its manifest says otherwise, and is authentic: whoever has an open backup can write one."""
    backup = made(filled)
    head = bytearray(pathlib.Path(backup["path"]).read_bytes())
    key = gwb.open_key(head)
    manifest = json.loads(head[gwb.manifest_at(head)])
    manifest["schema_fingerprint"] = "0" * len(manifest["schema_fingerprint"])
    next(t for t in manifest["tables"] if t["name"] == "users")["rows"] -= 1
    pathlib.Path(backup["path"]).write_bytes(gwb.with_manifest(head, key, manifest))
    answer = json.loads(filled.godwit("--json", "backups", "verify", code=3).out)
    assert not answer["equal"]
    assert "the schema came back otherwise" in answer["different"] and "users: 3000 rows in place of 2999" in answer["different"]
    assert json.loads(filled.godwit("--json", "backups", "list", code=0).out)["backups"][0]["verified_at"] is None
    assert database.value("SELECT count(*) FROM pg_database WHERE datname LIKE 'godwit_restore_' || "
                          "(SELECT oid FROM pg_database WHERE datname = current_database()) || '_%'") == 0
    # Nothing is dropped for what came back otherwise.
    done = json.loads(filled.godwit("--json", "--yes", "restore", backup["id"], "--replace", code=0).out)
    assert "users: 3000 rows in place of 2999" in done["different"]
    assert done["kept"].startswith(database.name[:40] + "_before_")
    database.execute('DROP DATABASE "%s"' % done["kept"])


def test_six_kills(project, database, tmp_path):
    """A hundred of them are in tests/fault."""
    kill_vault(project, database, tmp_path, random.Random(os.environ.get("GODWIT_FAULT_SEED", "six")), 6)


def test_a_full_disk(filled, database, tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    if not system.mount_small(folder, "1m"):
        pytest.skip("needs root")
    try:
        filled.config(filled.read("godwit.yaml") + f"backup: {{ directory: {folder} }}\n")
        database.execute("INSERT INTO public.users (name, photo) SELECT i, sha512(i::text::bytea) FROM generate_series(1, 50000) AS i")
        said = filled.godwit("backup", code=1).err
        assert "disk is full" in said or "No space left" in said
        assert list(folder.iterdir()) == []
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_role_without_rights(filled, database, server):
    role = database.role()
    said = filled.godwit("--url", database.url_for(role), "backup", code=1)
    assert "permission denied" in said.err and files_of(filled) == []
    backup = made(filled)
    said = filled.godwit("--url", database.url_for(role), "backups", "verify", backup["id"], code=1).err
    assert "permission denied" in said and "CREATEDB" in said


def test_a_killed_verification_is_tidied_up(filled, database):
    database.execute("INSERT INTO public.users (name, photo) SELECT i, sha512(i::text::bytea) FROM generate_series(1, 100000) AS i")
    made(filled)
    left = lambda: database.value("SELECT count(*) FROM pg_database WHERE datname LIKE 'godwit_restore_%'")  # noqa: E731
    before = left()
    running = filled.start("backups", "verify")
    until(lambda: left() > before)
    running.kill()
    assert left() == before + 1
    until(lambda: database.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'godwit'") == 0)
    filled.godwit("backups", "verify", code=0)
    assert left() == before


def test_killed_on_the_way(filled, database):
    database.execute("INSERT INTO public.users (name, photo) SELECT i, decode(repeat(md5(i::text), 40), 'hex') FROM generate_series(1, 100000) AS i")
    running = filled.start("backup")
    until(lambda: any(name.endswith(".part") for name in files_of(filled)))
    running.kill()
    assert [n for n in files_of(filled) if n.endswith(".gwb")] == []
    assert filled.godwit("backups", "list", code=0).out.startswith("there are no backups")
    backup = made(filled)
    assert files_of(filled) == [backup["id"] + ".gwb"]


@pytest.mark.slow
def test_prune(filled, server):
    ids = [made(filled, "--schema-only")["id"] for _ in range(4)]
    filled.godwit("backups", "verify", ids[1], code=0)
    would = json.loads(filled.godwit("--json", "backups", "prune", "--keep", "1", "--dry-run", code=0).out)
    assert {b["id"] for b in would["would_remove"]} == {ids[0], ids[2]}
    assert len([n for n in files_of(filled) if n.endswith(".gwb")]) == 4
    filled.godwit("backups", "prune", "--keep", "1", code=0)
    assert {n for n in files_of(filled) if n.endswith(".gwb")} == {ids[1] + ".gwb", ids[3] + ".gwb"}
    assert "nothing says which" in filled.godwit("backups", "prune", code=2).err
    filled.godwit("backups", "prune", "--daily", "1", code=0)
    assert f"{ids[3]}.gwb" in files_of(filled)
    # Some tables stand for no other backup, verified or not.
    tables = made(filled, "--tables", "public.log")["id"]
    filled.godwit("backups", "verify", tables, code=0)
    filled.godwit("backups", "prune", "--keep", "1", code=0)
    assert {f"{tables}.gwb", f"{ids[3]}.gwb"} < set(files_of(filled))
    # Archives stay for ever, under whichever name of the folder they lie there.
    (filled.path / "archive").symlink_to("backups")
    before = files_of(filled)
    assert "maintain's archives" in filled.godwit("backups", "prune", "--keep", "1", code=5).err
    assert files_of(filled) == before


def kept_of(times, now, age=None, count=0, **periods):
    """The rule as docs/how-to/backups.md says it, done otherwise than there."""
    names = {"daily": "%Y-%m-%d", "weekly": "%G-%V", "monthly": "%Y-%m"}
    newest = sorted(times, reverse=True)
    kept = set(newest[:max(count, 1)]) | {t for t in times if age and now - t < age}
    for period, number in periods.items():
        firsts = {}
        for t in newest:
            firsts.setdefault(t.strftime(names[period]), t)
        kept |= set(list(firsts.values())[:number])
    return kept


def test_prune_by_age_and_period(filled):
    """Half a year of backups, some of them of one day: the file is one, the heads say when."""
    first = made(filled, "--schema-only")
    whole = bytearray(pathlib.Path(first["path"]).read_bytes())
    key, now = gwb.open_key(whole), datetime.datetime.now(datetime.timezone.utc)
    manifest, ids = json.loads(whole[gwb.manifest_at(whole)]), {}
    pathlib.Path(first["path"]).unlink()
    for hours_ago in (*range(1, 200, 11), *range(211, 4400, 110)):
        at = now - datetime.timedelta(hours=hours_ago)
        ids[at] = at.strftime("%Y%m%d%H%M%S-0000abcd")
        manifest |= {"id": ids[at], "created_us": int(at.timestamp() * 1e6)}
        (pathlib.Path(filled.path) / "backups" / f"{ids[at]}.gwb").write_bytes(gwb.with_manifest(whole, key, manifest))
    hours, days = (lambda n: datetime.timedelta(hours=n)), (lambda n: datetime.timedelta(days=n))
    for words, rule in ((["--keep", "20d"], {"age": days(20)}), (["--keep", "3w"], {"age": days(21)}), (["--keep", "7"], {"count": 7}),
                        (["--weekly", "30"], {"weekly": 30}), (["--monthly", "4"], {"monthly": 4}),
                        (["--keep", "36h", "--daily", "9", "--weekly", "5", "--monthly", "3"], {"age": hours(36), "daily": 9, "weekly": 5, "monthly": 3})):
        would = filled.godwit("--json", "backups", "prune", "--dry-run", *words, code=0).json["would_remove"]
        assert {b["id"] for b in would} == {ids[t] for t in set(ids) - kept_of(ids, now, **rule)}, words
    filled.godwit("backups", "prune", *words, code=0)
    assert files_of(filled) == sorted(f"{ids[t]}.gwb" for t in kept_of(ids, now, **rule))
    assert filled.godwit("--json", "backups", "prune", *words, "--dry-run", code=0).json["would_remove"] == []


def test_secrets_are_in_no_environment_but_ours(filled, tmp_path):
    """pg_dump gets neither the passphrase nor URLs with passwords."""
    spy = tmp_path / "bin"
    spy.mkdir()
    real = f"/usr/lib/postgresql/{CLIENTS}/bin/pg_dump"
    (spy / "pg_dump").write_text(f"#!/bin/sh\nenv > {tmp_path}/env-$$\nprintf '%s\\n' \"$@\" >> {tmp_path}/words\nexec {real} \"$@\"\n")
    (spy / "pg_dump").chmod(0o755)
    filled.godwit("backup", code=0, env={**SECRET, "GODWIT_PG_BINDIR": str(spy)})
    seen = "".join(p.read_text() for p in tmp_path.glob("env-*")) + (tmp_path / "words").read_text()
    assert SECRET["GODWIT_PASSPHRASE"] not in (tmp_path / "words").read_text()
    assert "PGAPPNAME" in seen and "GODWIT_PASSPHRASE" not in seen and SECRET["GODWIT_PASSPHRASE"] not in seen


def test_before_a_change(filled, database):
    filled.migration(2, "second", "CREATE TABLE public.second (x int)", "DROP TABLE public.second")
    said = filled.godwit("up", "--backup", code=0)
    [name] = files_of(filled)
    backup = name.removesuffix(".gwb")
    assert backup in said.err
    assert database.value("SELECT backup_id FROM godwit.migrations WHERE version = '2'") == backup
    assert {t["name"] for t in gwb.read(filled / "backups" / name).manifest["tables"]} >= {"users"}
    assert gwb.read(filled / "backups" / name).manifest["migration_version"] == "1"
    # Nothing to do: no backup. A redo makes one, not two.
    filled.godwit("up", "--backup", code=0)
    assert len(files_of(filled)) == 1
    filled.godwit("redo", "--backup", "--allow-data-loss", code=0)
    assert len(files_of(filled)) == 2


@pytest.mark.slow
def test_a_backup_that_fails_stops_it(filled, database):
    yaml = filled.read("godwit.yaml") + "backup: { before: up }\n"
    filled.config(yaml)
    filled.write("backups", "a file in its place")
    filled.migration(2, "second", "CREATE TABLE public.second (x int)", "DROP TABLE public.second")
    said = filled.godwit("up", code=1).err
    assert "nothing was changed, for the backup before it failed" in said
    assert database.value("SELECT to_regclass('public.second')") is None
    assert filled.states()["2"] == "pending"
    filled.write("schema.sql", "CREATE TABLE public.only (x int);")
    filled.godwit("push", "schema.sql", "--allow-data-loss", "--yes", code=1)
    assert database.value("SELECT to_regclass('public.users')") is not None
    filled.remove("backups")
    filled.godwit("up", code=0)
    filled.godwit("down", "--allow-data-loss", code=0)
    assert len(files_of(filled)) == 2


def test_tenants_of_one_database_share_it(make_project, database):
    project = make_project(database.url)
    project.config(f"project: t\nmigrations: migrations\nenvironments:\n  test: {{ url: {json.dumps(database.url)}, for_each: {{ schemas: 'tenant_%' }} }}\n")
    database.execute("".join(f"CREATE SCHEMA tenant_{i};" for i in range(5)))
    project.migration(1, "first", "CREATE TABLE t (x int)")
    project.godwit("up", "--backup", code=0)
    assert len(files_of(project)) == 1
    assert database.value("SELECT count(DISTINCT backup_id) FROM godwit.migrations") == 1


def test_a_backup_that_fails_before_the_first_up_leaves_the_database_as_it_was(project, database):
    project.migration(1, "first", "CREATE TABLE public.first (x int)")
    project.write("backups", "a file in its place")
    project.write("schema.sql", "CREATE TABLE public.pushed (x int);")
    for words in (["up", "--backup"], ["push", "schema.sql", "--backup", "--yes"]):
        said = project.godwit(*words, code=1).err
        assert "nothing was changed, for the backup before it failed" in said
        assert database.value("SELECT to_regnamespace('godwit')") is None
    project.remove("backups")
    project.godwit("up", "--backup", code=0)
    [name] = files_of(project)
    assert database.value("SELECT backup_id FROM godwit.migrations") == name.removesuffix(".gwb")
    assert database.value("SELECT count(*) FROM godwit.events WHERE action = 'backup' AND outcome = 'ok' AND name = "
                          "(SELECT backup_id FROM godwit.migrations)") == 1


def test_a_first_run_beside_somebody_at_work_makes_its_backup_under_the_lock(project, database):
    database.execute("CREATE TABLE public.t (x int)")
    project.migration(1, "first", "CREATE TABLE public.u (x int)")
    with holding(database, "BEGIN; LOCK TABLE public.t"):
        running = project.start("up", "--backup")
        until(lambda: database.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"),
              what="a backup that waits")
        database.execute("CREATE TABLE public.since (x int)")
    assert "made anew, under the run lock" in running.finish(0).err
    [(used,)] = database.execute("SELECT backup_id FROM godwit.migrations")
    [name] = files_of(project)
    assert used in name and "since" in {t["name"] for t in gwb.read(pathlib.Path(project.path) / "backups" / name).manifest["tables"]}


def test_of_two_first_runs_the_second_makes_its_backup_anew(make_project, database):
    """Both were made before there was a lock to take; what the first run did has to be in the second one's."""
    projects = {name: make_project(database.url) for name in ("a", "b")}
    for name, project in projects.items():
        project.config("project: t\nmigrations: [{ service: %s, path: migrations }]\n"
                       "environments:\n  test: { url: %s }\n" % (name, json.dumps(database.url)))
        project.migration(1, name, f"CREATE TABLE public.{name} (x int)")
    with holding(database, "SELECT pg_advisory_lock(%s)", [TABLES_LOCK]):
        running = [project.start("up", "--backup") for project in projects.values()]
        until(lambda: [len(files_of(project)) for project in projects.values()] == [1, 1])
    said = dict(zip(projects, ["made anew" in one.finish(0).err for one in running]))
    order = dict(database.execute("SELECT name, id FROM godwit.events WHERE action IN ('backup', 'apply')"))
    used = dict(database.execute("SELECT name, backup_id FROM godwit.migrations"))
    first, second = sorted(used, key=order.get)
    assert order[used[first]] < order[first] < order[used[second]] < order[second]
    # The first one makes a second backup, too, where the other one was quicker at making Godwit's tables.
    assert said[second] and [len(files_of(projects[name])) for name in (first, second)] == [1 + said[first], 2]
