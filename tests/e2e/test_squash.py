"""godwit squash: one migration for many, proven equal; histories stay valid."""
import base64
import hashlib
import json

import pytest

AWKWARD = '"we ""quoted"" Tàble"'


@pytest.fixture
def shop(project):
    project.migration(1, "base", f"""CREATE TYPE mood AS ENUM ('sad', 'it''s ok');
        CREATE TABLE {AWKWARD} (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, m mood, up int REFERENCES {AWKWARD},
                                twice int GENERATED ALWAYS AS (id * 2) STORED);""",
                      f"DROP TABLE {AWKWARD}; DROP TYPE mood;")
    project.migration(2, "rows", f"""INSERT INTO {AWKWARD} (m, up) VALUES ('it''s ok', 1), (NULL, 1), ('sad', NULL);
        CREATE TABLE part (at date, k int) PARTITION BY RANGE (at);
        CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
        INSERT INTO part VALUES ('2024-02-03', 7);
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'never'; END $$;
        CREATE TRIGGER never BEFORE INSERT ON part_1 FOR EACH ROW EXECUTE FUNCTION f();
        CREATE TABLE ref (id int PRIMARY KEY, w int NOT NULL REFERENCES {AWKWARD}, note text, raw bytea, js jsonb);
        INSERT INTO ref VALUES (10, 1, E'back\\\\slash ''q''\\nline', '\\x00ff', '{{"a": [1, null]}}');""",
                      f"DROP TABLE ref, part; DROP FUNCTION f; DELETE FROM {AWKWARD};")
    project.migration(3, "index", "-- godwit: no-transaction\nCREATE INDEX CONCURRENTLY ref_w ON ref (w);",
                      "DROP INDEX ref_w;")
    project.migration(4, "later", "ALTER TABLE ref ADD COLUMN c int;", "ALTER TABLE ref DROP c;")
    return project


def squash(project, *words, **options):
    return project.godwit("squash", *words, **options)


def content(database):
    return (database.execute(f"SELECT id, m::text, up, twice FROM {AWKWARD} ORDER BY id"),
            database.execute("SELECT at::text, k FROM part"),
            database.execute("SELECT id, w, note, raw::text, js::text FROM ref"))


def names(project, folder="migrations"):
    return sorted(p.name for p in (project / folder).iterdir() if p.is_file())


def test_a_squash_gives_the_same_on_a_fresh_database(shop, database, make_database):
    shop.godwit("up", code=0)
    result = squash(shop, "--to", "3", code=0)
    assert "stands for 3 migrations, proven on PostgreSQL" in result.out
    assert names(shop) == ["3_squashed.up.sql", "4_later.down.sql", "4_later.up.sql"]
    assert names(shop, "migrations/squashed") == ["1_base.down.sql", "1_base.up.sql", "2_rows.down.sql", "2_rows.up.sql",
                                                  "3_index.down.sql", "3_index.up.sql"]
    other = make_database()
    shop.godwit("up", "--url", other.url, code=0)
    assert content(other) == content(database)
    assert other.execute(f"INSERT INTO {AWKWARD} (m) VALUES (NULL) RETURNING id") == [(4,)]
    shop.godwit("diff", "--from", database.url, "--to", other.url, code=0)


@pytest.mark.slow
def test_a_database_that_ran_the_old_ones_sees_it_as_applied(shop, database):
    shop.godwit("up", "--to", "3", code=0)
    squash(shop, "--to", "3", code=0)
    assert shop.states() == {"3": "applied", "4": "pending"}
    shop.godwit("verify", code=0)
    assert "4 later" in shop.godwit("up", code=0).out or True
    assert shop.states() == {"3": "applied", "4": "applied"}
    row = database.execute("SELECT name FROM godwit.migrations WHERE version = '3'")
    assert row == [("squashed",)], "recorded in its place"
    assert database.execute("SELECT count(*) FROM godwit.events WHERE action = 'squash'") == [(1,)]
    shop.godwit("verify", code=0)
    shop.godwit("repair", code=0)
    shop.godwit("up", code=0)
    assert shop.states() == {"3": "applied", "4": "applied"}


def test_where_a_part_is_applied_nothing_runs(shop, database):
    shop.godwit("up", "--to", "1", code=0)
    squash(shop, "--to", "3", code=0)
    result = shop.godwit("up", code=1)
    assert "of which 1 are applied here" in result.err and "not applied: 2, 3" in result.err
    assert "squashed/" in result.err
    shop.godwit("status", "--check", code=3)
    shop.godwit("repair", code=1)
    assert database.execute("SELECT version FROM godwit.migrations") == [("1",)]


def test_a_squash_has_no_way_back(shop):
    shop.godwit("up", code=0)
    squash(shop, "--to", "4", code=0)
    result = shop.godwit("down", code=1)
    assert "a squash of 4 migrations has no way back" in result.err


def test_dry_run_prints_and_changes_nothing(shop):
    before = names(shop)
    result = squash(shop, "--to", "3", "--dry-run", code=0)
    assert result.out.startswith("-- godwit: replaces=1,2,3\n") and "CREATE TABLE public." in result.out
    assert names(shop) == before
    document = squash(shop, "--to", "3", "--dry-run", "--json", code=0).json
    assert document["replaces"] == ["1", "2", "3"] and document["rows"] == 5 and document["sql"] == result.out


@pytest.mark.slow
def test_a_squash_of_a_squash(shop, database):
    shop.godwit("up", code=0)
    squash(shop, "--to", "2", code=0)
    squash(shop, "--to", "4", "--delete", code=0)
    assert names(shop) == ["4_squashed.up.sql"]
    assert "replaces=1,2,3,4" in shop.read("migrations/4_squashed.up.sql")
    assert shop.states() == {"4": "applied"}
    shop.godwit("up", code=0)
    shop.godwit("verify", code=0)


@pytest.mark.parametrize("text,said", [
    ("-- godwit: only=test\nCREATE TABLE x (id int);", "only="),
    ("-- godwit: env\nCREATE TABLE ${NAME:-x} (id int);", "variables"),
    ("CREATE TABLE x (id int);\nCREATE ROLE squash_never;", "CREATE ROLE reaches outside"),
    ("CREATE TABLE many AS SELECT i FROM generate_series(1, 10001) i;", "more than 10000 rows"),
])
def test_what_cannot_be_squashed_is_refused_by_name(project, text, said):
    project.migration(1, "base", "CREATE TABLE t (id int);")
    project.migration(2, "special", text)
    before = names(project)
    result = squash(project, "--to", "2", code=1)
    assert said in result.err
    assert names(project) == before


def test_rows_that_are_others_at_each_run_are_said(project):
    project.migration(1, "base", "CREATE TABLE t (id uuid DEFAULT md5(random()::text)::uuid, at timestamptz DEFAULT clock_timestamp());")
    project.migration(2, "rows", "INSERT INTO t DEFAULT VALUES;")
    assert "rows of public.t are others at each run" in squash(project, "--to", "2", "--dry-run", code=0).err


def test_two_services(project, database):
    project.config({"project": "test", "default": "dev", "environments": {"dev": {"url": database.url}},
                    "migrations": [{"service": "a", "path": "a"}, {"service": "b", "path": "b"}]})
    project.write("a/1_t.up.sql", "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1);")
    project.write("b/2_u.up.sql", "CREATE TABLE u (id int REFERENCES t);")
    project.write("a/3_t.up.sql", "ALTER TABLE t ADD c int; UPDATE t SET c = 5;")
    project.godwit("squash", "--to", "3", code=2)
    result = project.godwit("squash", "--to", "3", "--service", "a", code=1)
    assert "does it need what is squashed?" in result.err, "u refers to t, which would come later"
    project.write("b/4_u.up.sql", "CREATE INDEX ON u (id);")
    project.godwit("squash", "--to", "4", "--service", "b", code=0)
    project.godwit("up", code=0)
    assert sorted(database.tables()) == ["t", "u"]


def atlas(files):
    """With the atlas.sum of these files."""
    sums, total, lines = hashlib.sha256(), hashlib.sha256(), ""
    for name, text in sorted(files.items()):
        sums.update(name.encode() + text.encode())
        one = base64.b64encode(sums.digest()).decode()
        lines += f"{name} h1:{one}\n"
        total.update(name.encode() + one.encode())
    return {**files, "atlas.sum": f"h1:{base64.b64encode(total.digest()).decode()}\n{lines}"}


def drizzle(files):
    """With a journal and snapshots."""
    entries = [{"idx": n, "version": "7", "when": 1700000000000 + n, "tag": name[:-4], "breakpoints": True}
               for n, name in enumerate(sorted(files))]
    snapshots = {f"meta/{name[:4]}_snapshot.json": json.dumps({"id": name}) for name in files}
    return {**files, **snapshots, "meta/_journal.json": json.dumps({"version": "7", "dialect": "postgresql", "entries": entries})}


def node(table):
    return f"-- Up Migration\nCREATE TABLE {table} (id int);\n\n-- Down Migration\nDROP TABLE {table};\n"


@pytest.mark.parametrize("files,new,to", [
    (atlas({"20240101_a.sql": "CREATE TABLE a (id int);\n", "20240102_b.sql": "CREATE TABLE b (id int);\n",
            "20240103_c.sql": "CREATE TABLE c (id int);\n"}), "20240102_squashed.sql", "20240102"),
    (drizzle({"0000_a.sql": "CREATE TABLE a (id int);\n--> statement-breakpoint\nSELECT 1;", "0001_b.sql": "CREATE TABLE b (id int);",
              "0002_c.sql": "CREATE TABLE c (id int);"}), "0001_squashed.sql", "0001"),
    ({"1700000000001_a.sql": node("a"), "1700000000002_b.sql": node("b"), "1700000000003_c.sql": node("c")},
     "1700000000002_b.sql", "1700000000002"),
], ids=["atlas", "drizzle", "node-pg-migrate"])
def test_conventions_that_keep_a_list(project, database, make_database, files, new, to):
    for name, text in files.items():
        project.write(f"migrations/{name}", text)
    project.godwit("up", "--to", to, code=0)
    squash(project, "--to", to, code=0)
    assert new in names(project) and len([n for n in names(project) if n.endswith(".sql")]) == 2
    assert sorted(project.states().values()) == ["applied", "pending"]
    project.godwit("up", code=0)
    project.godwit("verify", code=0)
    other = make_database()
    project.godwit("up", "--url", other.url, code=0)
    assert database.tables() == other.tables() == ["a", "b", "c"]
    left = {str(p.relative_to(project / "migrations")): p.read_text() for p in (project / "migrations").rglob("*") if p.is_file()}
    texts = {n: t for n, t in left.items() if n.endswith(".sql") and "/" not in n}
    if "atlas.sum" in files:
        assert left["atlas.sum"] == atlas(texts)["atlas.sum"]
    if "meta/_journal.json" in files:
        journal = json.loads(left["meta/_journal.json"])
        assert [(e["tag"], e["when"], e["idx"]) for e in journal["entries"]] == \
            [("0001_squashed", 1700000000001, 1), ("0002_c", 1700000000002, 2)]
        assert sorted(n for n in left if "snapshot" in n) == \
            ["meta/0001_snapshot.json", "meta/0002_snapshot.json", "squashed/0000_snapshot.json"]


@pytest.mark.parametrize("files,said", [
    ({"sqitch.plan": "%syntax-version=1.0.0\n%project=p\n\na 2024-01-01T00:00:00Z A <a@b>\nb 2024-01-02T00:00:00Z A <a@b>\n",
      "deploy/a.sql": "CREATE TABLE a (id int);", "deploy/b.sql": "CREATE TABLE b (id int);"}, "hash over all changes before it"),
    ({"20240101000000_a/migration.sql": "CREATE TABLE a (id int);", "20240102000000_b/migration.sql": "CREATE TABLE b (id int);"},
     "a snapshot that names the one before it"),
])
def test_conventions_that_are_chains_are_refused(project, files, said):
    for name, text in files.items():
        project.write(f"migrations/{name}", text)
    versions = list(project.states())
    assert said in squash(project, "--to", versions[-1], code=1).err


@pytest.mark.parametrize("files,new", [
    ({"001_a.sql": "-- migrate:up\nCREATE TABLE a (id int);\n-- migrate:down\nDROP TABLE a;\n",
      "002_b.sql": "-- migrate:up\nCREATE TABLE b (id int);\n-- migrate:down\nDROP TABLE b;\n"}, "002_squashed.sql"),
    ({"00001_a.sql": "-- +goose Up\nCREATE TABLE a (id int);\n",
      "00002_b.sql": "-- +goose Up\n-- +goose StatementBegin\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$;\n"
                     "-- +goose StatementEnd\nCREATE TABLE b (id int);\n"}, "00002_squashed.sql"),
    ({"V1__a.sql": "CREATE TABLE a (id int);", "V1.5__b.sql": "CREATE TABLE b (id int);"}, "V1.5__squashed.sql"),
])
def test_other_conventions(project, database, files, new):
    for name, text in files.items():
        project.write(f"migrations/{name}", text)
    version = new.split("_")[0].lstrip("V0")
    squash(project, "--to", version, code=0)
    assert names(project) == [new]
    project.godwit("up", code=0)
    assert database.tables() == ["a", "b"]


def test_an_interrupted_one_is_finished_by_the_next_call(shop):
    """The state that a kill in the middle leaves: the journal and a part of the files."""
    squash(shop, "--to", "2", code=0)
    folder = shop / "migrations"
    new = (folder / "2_squashed.up.sql").rename(folder / ".godwit-squash.sql")
    (folder / "squashed" / "2_rows.up.sql").rename(folder / "2_rows.up.sql")
    (folder / ".godwit-squash").write_text("1_base.up.sql\tsquashed/1_base.up.sql\n2_rows.up.sql\tsquashed/2_rows.up.sql\n"
                                           ".godwit-squash.sql\t2_squashed.up.sql\n")
    assert new.exists()
    assert "was interrupted" in shop.godwit("up", code=1).err
    assert "finished" in squash(shop, code=0).out
    assert names(shop)[:1] == ["2_squashed.up.sql"] and ".godwit-squash" not in names(shop)
    assert shop.states() == {"2": "pending", "3": "pending", "4": "pending"}


def test_baseline_takes_the_squash(shop, database):
    database.execute(squash(shop, "--to", "4", "--dry-run", code=0).out)
    squash(shop, "--to", "4", code=0)
    shop.godwit("baseline", "4", code=0)
    assert shop.states() == {"4": "applied"}
    shop.godwit("up", code=0)


def test_requirements_of_what_was_squashed_are_met(shop):
    shop.migration(5, "needs", "-- godwit: requires=2\nSELECT 1;", "SELECT 1;")
    squash(shop, "--to", "3", code=0)
    shop.godwit("up", code=0)


@pytest.mark.parametrize("applied,code", [(["001", "002"], 0), (["001"], 1)])
def test_another_tool_s_history_is_adopted_behind_a_squash(project, database, applied, code):
    for n, table in (("001", "a"), ("002", "b")):
        project.write(f"migrations/{n}_{table}.sql",
                      f"-- migrate:up\nCREATE TABLE {table} (id int);\n-- migrate:down\nDROP TABLE {table};\n")
    squash(project, "--to", "2", code=0)
    database.execute("CREATE TABLE schema_migrations (version varchar PRIMARY KEY); CREATE TABLE a (id int);"
                     "CREATE TABLE b (id int);")
    for version in applied:
        database.execute("INSERT INTO schema_migrations VALUES (%s)", [version])
    result = project.godwit("adopt", "--from", "dbmate", code=code)
    if code:
        assert "no file here" in result.err
    else:
        assert set(project.states().values()) == {"applied"}
        project.godwit("up", code=0)


@pytest.mark.parametrize("words", [["up"], ["up", "--out-of-order"], ["status"], ["verify"]])
def test_an_old_file_beside_its_squash_is_an_error(project, database, words):
    project.migration(1, "a", "CREATE TABLE a (id int);")
    project.migration(2, "b", "INSERT INTO a VALUES (1);")
    project.migration(3, "c", "CREATE TABLE c (id int);")
    squash(project, "--to", "3", code=0)
    project.migration(2, "b", "INSERT INTO a VALUES (1);")
    result = project.godwit(*words, code=1)
    assert "version 2 is in the folder, and in a squash too" in result.err and "migrations/2_b.up.sql" in result.err
    assert "migrations/3_squashed.up.sql says `replaces=2`" in result.err and "a merge may have brought it back" in result.err
    assert database.tables() == []
    (project / "migrations/2_b.up.sql").unlink()
    project.godwit("up", code=0)
    assert database.execute("SELECT id FROM a") == [(1,)]
