"""`godwit adopt`: histories of other tools, taken over in place."""
import base64
import hashlib
import json
import shutil

import pytest

from harness import tools

PLACEHOLDERS = {"default_city": "Lagos", "APP_SCHEMA": "app"}


def make(make_project, database, tool, **extra):
    """A project on the fixture's folder, in the same place where its own tool finds it."""
    project = make_project()
    target = project.path if tool in ("graphile-migrate", "alembic") else project / "migrations"
    shutil.copytree(tools.FIXTURES / tool, target, dirs_exist_ok=True)
    project.config({"project": "test", "migrations": "migrations", "default": "test",
                    "placeholders": PLACEHOLDERS, "environments": {"test": {"url": database.url}}, **extra})
    return project


def adopt(project, tool, *words, code=0):
    return project.godwit("adopt", "--from", tool, *words, "--json", code=code).json


def history(database):
    return database.execute("SELECT version, kind, checksum, applied_by, details->>'adopted_from',"
                            " applied_at FROM godwit.migrations ORDER BY sort_key, version")


# ---- the real tools --------------------------------------------------------------------------

# tool: (runs it, its table, migrations, what its checksums say, a new file and its text)
REAL = {
    "dbmate": (tools.dbmate, "schema_migrations", 4, "none", "20250101000000_more.sql",
               "-- migrate:up\nCREATE TABLE more (id int);\n-- migrate:down\nDROP TABLE more;\n"),
    "node-pg-migrate": (tools.node_pg_migrate, "pgmigrations", 3, "none", "1735689600000_more.sql",
                        "-- Up Migration\nCREATE TABLE more (id int);\n"),
    "drizzle": (tools.drizzle, "drizzle.__drizzle_migrations", 3, "match", None, None),
    "graphile-migrate": (tools.graphile_migrate, "graphile_migrate.migrations", 3, "match", None, None),
    "sqitch": (tools.sqitch, "sqitch.changes", 5, "match", None, None),
}


def add_file(project, tool, name, text):
    """One more migration, made as that tool makes it; it creates a table named more."""
    if name:
        project.write(f"migrations/{name}", text)
    elif tool == "drizzle":
        journal = json.loads(project.read("migrations/meta/_journal.json"))
        last = journal["entries"][-1]
        journal["entries"].append({**last, "idx": last["idx"] + 1, "when": last["when"] + 1, "tag": "0003_more"})
        project.write("migrations/meta/_journal.json", json.dumps(journal))
        project.write("migrations/0003_more.sql", 'CREATE TABLE "more" ("id" int);\n')
    elif tool == "graphile-migrate":
        previous = project.read("migrations/committed/000003.sql").splitlines()[1].removeprefix("--! Hash: ")
        body = "create table more (id int);"
        digest = hashlib.sha1(f"{previous}\n{body}\n".encode()).hexdigest()
        project.write("migrations/committed/000004.sql",
                      f"--! Previous: {previous}\n--! Hash: sha1:{digest}\n\n{body}\n")
    elif tool == "sqitch":
        project.godwit("new", "more", code=0)
        project.write("migrations/deploy/more.sql", "BEGIN;\nCREATE TABLE more (id int);\nCOMMIT;\n")
        project.write("migrations/verify/more.sql", "BEGIN;\nSELECT id FROM more WHERE false;\nROLLBACK;\n")


@pytest.mark.slow
@pytest.mark.peers
@pytest.mark.parametrize("tool", REAL)
def test_the_history_of_a_real_tool(tool, make_project, database):
    run, table, count, checksum, name, text = REAL[tool]
    project = make(make_project, database, tool)
    run(project.path, database)
    before = tools.rows_of(database, table)
    assert len(before) == count

    shown = adopt(project, tool, "--dry-run")
    assert len(shown["adopted"]) == count and shown["already"] == 0
    assert database.value("SELECT to_regnamespace('godwit')") is None, "a dry run changed something"

    result = adopt(project, tool)
    assert result["tool"] == tool and result["table"].split(".")[-1] == table.split(".")[-1]
    assert {m["checksum"] for m in result["adopted"]} == {checksum}
    assert len(result["adopted"]) == count and result["already"] == 0
    assert list(project.states().values()) == ["applied"] * count
    project.godwit("verify", code=0)
    assert project.godwit("up", "--json", code=0).json == {"applied": [], "pending": 0}

    add_file(project, tool, name, text)
    assert list(project.states().values()) == ["applied"] * count + ["pending"]
    assert len(project.godwit("up", "--json", code=0).json["applied"]) == 1
    assert database.columns("more") == ["id"]
    assert tools.rows_of(database, table) == before, "adopting changed the tool's own table"
    rows = history(database)
    assert [r[3] for r in rows].count(f"adopt:{tool}") == count
    assert {r[4] for r in rows} == {tool, None}

    again = adopt(project, tool)
    assert again["adopted"] == [] and again["already"] == count


@pytest.mark.peers
@pytest.mark.parametrize("tool", ["sqitch", "graphile-migrate", "node-pg-migrate"])
def test_times_are_those_of_the_tool(tool, make_project, database):
    run, table, *_ = REAL[tool]
    column = {"sqitch": "committed_at", "graphile-migrate": "date", "node-pg-migrate": "run_on"}[tool]
    database.execute(f"ALTER DATABASE \"{database.name}\" SET timezone TO 'Asia/Kathmandu'")
    project = make(make_project, database, tool)
    run(project.path, database)
    adopt(project, tool)
    assert database.value(
        f"SELECT (SELECT array_agg({column}::timestamptz ORDER BY 1) FROM {table}) ="
        " (SELECT array_agg(applied_at ORDER BY 1) FROM godwit.migrations)") is True


@pytest.mark.peers
def test_alembic_keeps_its_revisions_and_sql_goes_on(make_project, database):
    project = make(make_project, database, "alembic")
    project.write("migrations/.keep")
    tools.alembic(project.path, database, "53fffde5ad5")
    before = tools.rows_of(database, "alembic_version")
    result = adopt(project, "alembic")
    assert {m["version"]: m["name"] for m in result["adopted"]} == {
        "1975ea83b712": "create account table", "ae1027a6acf": "add a column",
        "27c6a30d7c24": "add shopping cart", "53fffde5ad5": "merge the two"}
    versions = [r[0] for r in history(database)]
    assert versions[0] == "1975ea83b712" and versions[-1] == "53fffde5ad5"
    assert {r[1] for r in history(database)} == {"baseline"}

    project.migration(1, "more", "ALTER TABLE account ADD COLUMN more int;")
    assert project.states() == {"1": "pending"}, "revisions without a file are not missing"
    project.godwit("up", code=0)
    assert database.columns("account") == ["id", "name", "seen", "more"]
    assert "no file here says" in project.godwit("verify", code=0).err
    project.godwit("status", "--check", code=0)
    assert tools.rows_of(database, "alembic_version") == before
    assert adopt(project, "alembic")["already"] == 4


@pytest.mark.peers
def test_alembic_with_two_heads(make_project, database):
    project = make(make_project, database, "alembic")
    project.write("migrations/.keep")
    tools.alembic(project.path, database, "ae1027a6acf")
    tools.alembic(project.path, database, "27c6a30d7c24")
    assert len(tools.rows_of(database, "alembic_version")) == 2
    assert {m["version"] for m in adopt(project, "alembic")["adopted"]} == {
        "1975ea83b712", "ae1027a6acf", "27c6a30d7c24"}


@pytest.mark.peers
def test_alembic_with_a_revision_whose_file_is_gone(make_project, database):
    project = make(make_project, database, "alembic")
    project.write("migrations/.keep")
    tools.alembic(project.path, database)
    project.remove("alembic/versions/9d3f1d0c2b11_not_yet.py")
    error = adopt(project, "alembic", code=1)["error"]
    assert "9d3f1d0c2b11" in error["detail"]
    project.remove("alembic")
    error = adopt(project, "alembic", code=2)["error"]
    assert "alembic.ini" in error["detail"]


@pytest.mark.peers
def test_a_sqitch_that_is_part_way_and_another_project_in_its_registry(make_project, database):
    project = make(make_project, database, "sqitch")
    tools.sqitch(project.path, database, "deploy", "--to", "@v1.0.0")
    database.execute("INSERT INTO sqitch.projects VALUES ('other', NULL, now(), 'x', 'x@y');"
                     " INSERT INTO sqitch.changes SELECT 'ff', 'ff', 'theirs', 'other', '', now(), 'x', 'x',"
                     " now(), 'x', 'x'")
    assert [m["version"] for m in adopt(project, "sqitch")["adopted"]] == ["appschema", "users", "insert_user"]
    assert project.states() == {"appschema": "applied", "users": "applied", "insert_user": "applied",
                                "insert_user#2": "pending", "lists": "pending"}
    project.godwit("up", code=0)
    assert database.tables("flipr") == ["lists", "users"]


@pytest.mark.peers
def test_drizzle_never_looks_at_its_hashes_and_what_changed_is_shown(make_project, database):
    project = make(make_project, database, "drizzle")
    tools.drizzle(project.path, database)
    project.write("migrations/0001_posts.sql", project.read("migrations/0001_posts.sql") + "-- edited\n")
    result = adopt(project, "drizzle")
    assert {m["version"]: m["checksum"] for m in result["adopted"]} == {
        "0000": "match", "0001": "mismatch", "0002": "match"}
    assert set(project.states().values()) == {"applied"}


# ---- tables as the sources of the tools say, for those that are not here ----------------------

SQLX = """
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMPTZ NOT NULL DEFAULT now(),
    success BOOLEAN NOT NULL,
    checksum BYTEA NOT NULL,
    execution_time BIGINT NOT NULL
);"""
GOLANG_MIGRATE = "CREATE TABLE schema_migrations (version bigint not null primary key, dirty boolean not null);"
GOOSE = """
CREATE TABLE goose_db_version (
    id integer PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp NOT NULL DEFAULT now()
);
INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true);"""
FLYWAY = """
CREATE TABLE flyway_schema_history (
    installed_rank INT NOT NULL,
    version VARCHAR(50),
    description VARCHAR(200) NOT NULL,
    type VARCHAR(20) NOT NULL,
    script VARCHAR(1000) NOT NULL,
    checksum INTEGER,
    installed_by VARCHAR(100) NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT now(),
    execution_time INTEGER NOT NULL,
    success BOOLEAN NOT NULL,
    CONSTRAINT flyway_schema_history_pk PRIMARY KEY (installed_rank)
);
CREATE INDEX flyway_schema_history_s_idx ON flyway_schema_history (success);"""
ATLAS = """
CREATE SCHEMA atlas_schema_revisions;
CREATE TABLE atlas_schema_revisions.atlas_schema_revisions (
    version character varying NOT NULL PRIMARY KEY,
    description character varying NOT NULL,
    type bigint NOT NULL DEFAULT 2,
    applied bigint NOT NULL DEFAULT 0,
    total bigint NOT NULL DEFAULT 0,
    executed_at timestamptz NOT NULL,
    execution_time bigint NOT NULL,
    error text,
    error_stmt text,
    hash character varying NOT NULL,
    partial_hashes jsonb,
    operator_version character varying NOT NULL
);"""


def run_files(database, tool):
    """What the tool would have made of the fixture's folder."""
    database.execute((tools.FIXTURES / f"{tool}.expected.sql").read_text())


def fill_sqlx(database, project, change=lambda data: data):
    database.execute(SQLX)
    for path in sorted((project / "migrations").glob("*.sql")):
        if path.name.endswith(".down.sql"):
            continue
        stem = path.name.removesuffix(".sql").removesuffix(".up")
        version, _, name = stem.partition("_")
        database.execute("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)"
                         " VALUES (%s, %s, true, %s, 12345678)",
                         [int(version), name.replace("_", " "), tools.sqlx_checksum(change(path.read_bytes()))])


def fill_flyway(database, project):
    database.execute(FLYWAY)
    rows = [("1", "create person", "V1__create_person.sql"), ("1.1", "add city", "V1.1__add_city.sql"),
            ("2.1", "index person", "V2_1__index_person.sql"), ("10", "orders", "V10__orders.sql"),
            (None, "person names", "R__person_names.sql")]
    for version, name, script in rows:
        add_flyway(database, version, name, "SQL", script,
                   tools.flyway_checksum((project / "migrations" / script).read_bytes()))


def add_flyway(database, version, name, kind, script, checksum=None, success=True):
    database.execute("INSERT INTO flyway_schema_history SELECT coalesce(max(installed_rank), 0) + 1, %s, %s, %s, %s,"
                     " %s, 'app', now(), 7, %s FROM flyway_schema_history",
                     [version, name, kind, script, checksum, success])


def fill_atlas(database, project):
    database.execute(ATLAS)
    insert = "INSERT INTO atlas_schema_revisions.atlas_schema_revisions VALUES"
    database.execute(insert + "('.atlas_cloud_identifier', 'c0ffee', 2, 0, 0, now(), 0, NULL, NULL, '', NULL, 'x')")
    for line in project.read("migrations/atlas.sum").splitlines()[1:]:
        name, digest = line.split(" h1:")
        version, _, rest = name.removesuffix(".sql").partition("_")
        database.execute(insert + "(%s, %s, 2, 2, 2, now(), 5000000, NULL, NULL, %s, 'null', 'Atlas CLI v1')",
                         [version, rest, digest])


def fill_goose(database, project):
    database.execute(GOOSE)
    database.execute("INSERT INTO goose_db_version (version_id, is_applied) VALUES (1, true), (2, true), (3, true)")


def fill_golang_migrate(database, project):
    database.execute(GOLANG_MIGRATE)
    database.execute("INSERT INTO schema_migrations VALUES (10, false)")


# tool: (fills its table, the table, versions, checksum, a new file)
WRITTEN = {
    "sqlx": (fill_sqlx, "_sqlx_migrations", ["20230501120000", "20230612083000", "20230701090000"], "match",
             "20250101000000_more.sql"),
    "golang-migrate": (fill_golang_migrate, "schema_migrations", ["1", "2", "10"], "none", "000011_more.up.sql"),
    "goose": (fill_goose, "goose_db_version", ["1", "2", "3"], "none", "00004_more.sql"),
    "flyway": (fill_flyway, "flyway_schema_history", ["1", "1.1", "2.1", "10", "R__person_names"], "match",
               "V11__more.sql"),
    "atlas": (fill_atlas, "atlas_schema_revisions.atlas_schema_revisions",
              ["20240110090000", "20240220101500", "20240301000000"], "match", None),
}


def renew_atlas_sum(project):
    running, total, lines = hashlib.sha256(), hashlib.sha256(), []
    for path in sorted((project / "migrations").glob("*.sql")):
        running.update(path.name.encode() + path.read_bytes())
        digest = base64.b64encode(running.digest()).decode()
        total.update((path.name + digest).encode())
        lines.append(f"{path.name} h1:{digest}\n")
    project.write("migrations/atlas.sum", f"h1:{base64.b64encode(total.digest()).decode()}\n" + "".join(lines))


@pytest.mark.parametrize("tool", WRITTEN)
def test_a_history_as_the_tool_writes_it(tool, make_project, database):
    fill, table, versions, checksum, name = WRITTEN[tool]
    project = make(make_project, database, tool)
    run_files(database, tool)
    fill(database, project)
    before = tools.rows_of(database, table)
    assert [m["version"] for m in adopt(project, tool, "--dry-run")["adopted"]] == versions
    result = adopt(project, tool)
    assert [m["version"] for m in result["adopted"]] == versions
    assert {m["checksum"] for m in result["adopted"]} == {checksum}
    assert set(project.states().values()) == {"applied"}
    project.godwit("verify", code=0)

    text = "CREATE TABLE more (id int);\n"
    project.write(f"migrations/{name or '20250101000000_more.sql'}", f"-- +goose Up\n{text}" if tool == "goose" else text)
    if tool == "atlas":
        renew_atlas_sum(project)
    assert len(project.godwit("up", "--json", code=0).json["applied"]) == 1
    assert database.columns("more") == ["id"]
    assert tools.rows_of(database, table) == before
    assert adopt(project, tool) == {**result, "adopted": [], "already": len(versions)}


@pytest.mark.parametrize("theirs, ours", [(b"\r\n", b"\n"), (b"\n", b"\r\n")], ids=["crlf then lf", "lf then crlf"])
def test_line_ends_of_another_checkout_are_no_change(theirs, ours, make_project, database):
    project = make(make_project, database, "sqlx")
    fill_sqlx(database, project, lambda data: data.replace(b"\n", theirs))
    for path in (project / "migrations").glob("*.sql"):
        path.write_bytes(path.read_bytes().replace(b"\n", ours))
    result = adopt(project, "sqlx")
    assert {m["checksum"] for m in result["adopted"]} == {"line-endings"}
    assert set(project.states().values()) == {"applied"}


@pytest.mark.parametrize("tool, file", [("sqlx", "20230612083000_item_prices.sql"),
                                        ("flyway", "V1.1__add_city.sql"),
                                        ("atlas", "20240220101500_add_email.sql")])
def test_a_file_that_changed_since_is_named_and_nothing_is_adopted(tool, file, make_project, database):
    project = make(make_project, database, tool)
    WRITTEN[tool][0](database, project)
    project.write(f"migrations/{file}", project.read(f"migrations/{file}") + "SELECT 1;\n")
    if tool == "atlas":
        renew_atlas_sum(project)
    error = adopt(project, tool, code=1)["error"]
    assert file in error["detail"] and error["kind"] == "state"
    assert tool in error["message"]
    assert database.value("SELECT to_regnamespace('godwit')") is None


@pytest.mark.parametrize("tool", ["sqlx", "goose", "flyway", "golang-migrate", "atlas"])
def test_a_version_without_a_file_is_named(tool, make_project, database):
    project = make(make_project, database, tool)
    fill, _, versions, *_ = WRITTEN[tool]
    fill(database, project)
    last = {"sqlx": "20230701090000_index_titles.sql", "goose": "00003_index.sql", "flyway": "V10__orders.sql",
            "golang-migrate": "000010_rule.up.sql", "atlas": "20240301000000_concurrent_index.sql"}[tool]
    project.remove(f"migrations/{last}")
    for other in ("U10__orders.sql", "000010_rule.down.sql"):
        if (project / "migrations" / other).exists():
            project.remove(f"migrations/{other}")
    if tool == "atlas":
        renew_atlas_sum(project)
    error = adopt(project, tool, code=1)["error"]
    assert "no file" in error["message"] and error["hint"]
    assert (versions[-2] if tool == "flyway" else versions[-1]) in error["detail"]


@pytest.mark.parametrize("tool, damage, says", [
    ("sqlx", "UPDATE _sqlx_migrations SET success = false WHERE version = 20230612083000", "20230612083000"),
    ("golang-migrate", "UPDATE schema_migrations SET dirty = true", "migrate force"),
    ("flyway", "UPDATE flyway_schema_history SET success = false WHERE version = '1.1'", "flyway repair"),
    ("atlas", "UPDATE atlas_schema_revisions.atlas_schema_revisions SET applied = 1, error = 'relation is gone'"
              " WHERE version = '20240220101500'", "relation is gone"),
])
def test_a_half_done_migration_of_the_tool_is_refused(tool, damage, says, make_project, database):
    project = make(make_project, database, tool)
    WRITTEN[tool][0](database, project)
    database.execute(damage)
    error = adopt(project, tool, code=1)["error"]
    assert "half-done" in error["message"]
    assert says in error["message"] + error["detail"] + error["hint"]
    assert database.value("SELECT to_regnamespace('godwit')") is None


def test_goose_counts_the_newest_row_of_a_version(make_project, database):
    project = make(make_project, database, "goose")
    database.execute(GOOSE)
    database.execute("INSERT INTO goose_db_version (version_id, is_applied) VALUES (1, true), (2, true), (3, true),"
                     " (3, false), (2, false), (2, true)")
    assert [m["version"] for m in adopt(project, "goose")["adopted"]] == ["1", "2"]
    assert project.states() == {"1": "applied", "2": "applied", "3": "pending"}


def test_golang_migrate_in_the_middle_before_the_first_and_after_force(make_project, make_database):
    for row, expected in [((2, False), ["1", "2"]), (None, []), ((-1, True), None)]:
        database = make_database()
        project = make(make_project, database, "golang-migrate")
        database.execute(GOLANG_MIGRATE)
        if row:
            database.execute("INSERT INTO schema_migrations VALUES (%s, %s)", row)
        if expected is None:
            assert "half-done" in adopt(project, "golang-migrate", code=1)["error"]["message"]
        else:
            assert [m["version"] for m in adopt(project, "golang-migrate")["adopted"]] == expected


def test_flyway_is_replayed_in_the_order_of_its_ranks(make_project, database):
    project = make(make_project, database, "flyway")
    database.execute(FLYWAY)
    checksum = {f.name: tools.flyway_checksum(f.read_bytes()) for f in (project / "migrations").glob("*.sql")}
    add_flyway(database, None, "<< Flyway Schema Creation >>", "SCHEMA", '"app"')
    add_flyway(database, "1", "<< Flyway Baseline >>", "BASELINE", "<< Flyway Baseline >>")
    add_flyway(database, "1.1", "add city", "SQL", "V1.1__add_city.sql", 4711)
    add_flyway(database, "1.1", "add city", "DELETE", "V1.1__add_city.sql", 4711)
    add_flyway(database, "1.1.0", "add city", "SQL", "V1.1__add_city.sql", checksum["V1.1__add_city.sql"])
    add_flyway(database, "2.1", "index person", "SQL", "V2_1__index_person.sql", checksum["V2_1__index_person.sql"])
    add_flyway(database, "10", "orders", "SQL", "V10__orders.sql", checksum["V10__orders.sql"])
    add_flyway(database, "10", "orders", "UNDO_SQL", "U10__orders.sql", checksum["U10__orders.sql"])
    add_flyway(database, None, "person names", "SQL", "R__person_names.sql", 1)
    result = adopt(project, "flyway")
    assert [m["version"] for m in result["adopted"]] == ["1", "1.1", "2.1"]
    assert project.states() == {"1": "applied", "1.1": "applied", "2.1": "applied", "10": "pending",
                                "R__person_names": "pending"}, "undone and changed ones run again"
    assert dict(database.execute("SELECT version, kind FROM godwit.migrations"))["1"] == "baseline"


def add_repeatable(project, name, text):
    project.write(f"migrations/{name}", text)
    return name


def test_a_repeatable_of_flyway_is_compared_as_it_was_filled_in(make_project, database):
    project = make(make_project, database, "flyway")
    fill_flyway(database, project)
    run_files(database, "flyway")
    filled = {
        "R__big.sql": ("-- ${DEFAULT_CITY}\r\nSELECT '${default_city} of ${flyway:defaultSchema}';\n" + "-- x\n" * 20000,
                       "-- Lagos\nSELECT 'Lagos of public';\n" + "-- x\n" * 20000),
        "R__names.sql": ("SELECT '${flyway:database} ${flyway:table} ${flyway:filename} ${flyway:user}';",
                         f"SELECT '{database.name} flyway_schema_history R__names.sql postgres';"),
        "R__raw.sql": ("SELECT '${default_city}, as the file is';", "SELECT '${default_city}, as the file is';"),
        "R__other.sql": ("SELECT '${default_city}';", "SELECT 'Kano';"),
        "R__unset.sql": ("SELECT '${nowhere}';", "SELECT 'x';"),
    }
    for name, (text, ran) in filled.items():
        add_flyway(database, None, name[3:-4], "SQL", add_repeatable(project, name, text),
                   tools.flyway_checksum(ran.encode()))
    verdicts = {m["version"]: m["checksum"] for m in adopt(project, "flyway")["adopted"]}
    assert {v: c for v, c in verdicts.items() if v.startswith("R__")} == {
        v: "match" for v in ("R__person_names", "R__big", "R__names", "R__raw")}
    states = project.states()
    assert {v for v, s in states.items() if s == "pending"} == {"R__other", "R__unset"}
    project.remove("migrations/R__unset.sql")
    assert [m["version"] for m in project.godwit("up", "--json", code=0).json["applied"]] == ["R__other"]
    project.godwit("status", "--check", code=0)
    project.write("migrations/R__names.sql", "SELECT 1;")
    assert [m["version"] for m in project.godwit("up", "--json", code=0).json["applied"]] == ["R__names"]


def test_a_baseline_of_atlas_stands_for_the_files_before_it(make_project, database):
    project = make(make_project, database, "atlas")
    fill_atlas(database, project)
    database.execute("DELETE FROM atlas_schema_revisions.atlas_schema_revisions WHERE version <> '20240220101500';"
                     " UPDATE atlas_schema_revisions.atlas_schema_revisions SET type = 1, applied = 0, total = 0")
    adopt(project, "atlas")
    assert project.states() == {"20240110090000": "applied", "20240220101500": "applied",
                                "20240301000000": "pending"}


# ---- tables: which one, and none -------------------------------------------------------------

def test_no_table_and_the_wrong_table(make_project, database):
    project = make(make_project, database, "dbmate")
    error = adopt(project, "dbmate", code=1)["error"]
    assert "schema_migrations" in error["message"] and error["kind"] == "state"
    database.execute(GOLANG_MIGRATE)
    error = adopt(project, "dbmate", code=1)["error"]
    assert "golang-migrate" in error["hint"]


def test_a_folder_of_another_convention_is_refused(make_project, database):
    project = make(make_project, database, "dbmate")
    fill_goose(database, project)
    error = adopt(project, "goose", code=1)["error"]
    assert "dbmate" in error["message"] and "format: goose" in error["hint"]


def test_the_table_in_the_search_path_is_the_one(make_project, database):
    project = make(make_project, database, "goose")
    database.execute("CREATE SCHEMA app; CREATE SCHEMA old;")
    for schema, rows in (("app", "(1, true)"), ("old", "(1, true), (2, true), (3, true)")):
        database.execute(f"SET search_path TO {schema}; {GOOSE}"
                         f" INSERT INTO goose_db_version (version_id, is_applied) VALUES {rows}")
    error = adopt(project, "goose", code=1)["error"]
    assert "app.goose_db_version" in error["detail"] and "old.goose_db_version" in error["detail"]
    shown = adopt(project, "goose", "--dry-run", "--table", "old.goose_db_version")
    assert shown["table"] == "old.goose_db_version" and len(shown["adopted"]) == 3
    database.execute(f'ALTER DATABASE "{database.name}" SET search_path TO app, public')
    result = adopt(project, "goose")
    assert result["table"] == "app.goose_db_version"
    assert [m["version"] for m in result["adopted"]] == ["1"]


def test_a_table_with_another_name(make_project, database):
    project = make(make_project, database, "goose")
    database.execute(GOOSE.replace("goose_db_version", "ops_versions"))
    database.execute("INSERT INTO ops_versions (version_id, is_applied) VALUES (1, true)")
    assert "--table" in adopt(project, "goose", code=1)["error"]["hint"]
    assert [m["version"] for m in adopt(project, "goose", "--table", "ops_versions")["adopted"]] == ["1"]


def test_what_godwit_has_applied_itself_is_left_as_it_is(make_project, database):
    project = make(make_project, database, "goose")
    project.godwit("up", "--to", "1", code=0)
    fill_goose(database, project)
    result = adopt(project, "goose")
    assert [m["version"] for m in result["adopted"]] == ["2", "3"] and result["already"] == 1
    assert dict(database.execute("SELECT version, applied_by LIKE 'adopt:%%' FROM godwit.migrations", [])) == {
        "1": False, "2": True, "3": True}


def test_adoption_is_in_the_audit(make_project, database):
    project = make(make_project, database, "goose")
    fill_goose(database, project)
    adopt(project, "goose")
    rows = database.execute("SELECT outcome, data->>'tool', (data->>'adopted')::int FROM godwit.events"
                            " WHERE action = 'adopt'")
    assert rows == [("ok", "goose", 3)]


def test_services_that_share_one_table(make_project, database):
    project = make_project()
    project.write("a/1_first.sql", "CREATE TABLE a (id int);\n")
    project.write("b/2_second.sql", "CREATE TABLE b (id int);\n")
    project.config({"project": "test", "default": "test",
                    "migrations": [{"service": "a", "path": "a"}, {"service": "b", "path": "b"}],
                    "environments": {"test": {"url": database.url}}})
    database.execute(SQLX)
    for version, path in ((1, "a/1_first.sql"), (2, "b/2_second.sql")):
        database.execute("INSERT INTO _sqlx_migrations VALUES (%s, 'x', now(), true, %s, 1)",
                         [version, tools.sqlx_checksum(project.read(path).encode())])
    adopt(project, "sqlx")
    assert database.execute("SELECT service, version FROM godwit.migrations ORDER BY 1") == [("a", "1"), ("b", "2")]


def test_tenants_each_with_a_table_of_its_own(make_project, database):
    project = make(make_project, database, "goose", environments={
        "test": {"url": database.url, "for_each": {"schemas": "tenant_%"}}})
    for schema, rows in (("tenant_a", "(1, true), (2, true), (3, true)"), ("tenant_b", "(1, true)")):
        database.execute(f"CREATE SCHEMA {schema}; SET search_path TO {schema}; {GOOSE}"
                         f" INSERT INTO goose_db_version (version_id, is_applied) VALUES {rows}")
    assert len(adopt(project, "goose")["adopted"]) == 4
    assert database.execute("SELECT tenant, count(*) FROM godwit.migrations GROUP BY 1 ORDER BY 1") == [
        ("tenant_a", 3), ("tenant_b", 1)]


def test_a_history_of_thousands(make_project, database):
    project = make_project(database.url)
    database.execute(SQLX)
    versions = range(1, 3001)
    for version in versions:
        project.write(f"migrations/{version:05}_m.sql", f"SELECT {version};\n")
    values = [(v, tools.sqlx_checksum(f"SELECT {v};\n".encode())) for v in versions]
    database.execute("INSERT INTO _sqlx_migrations SELECT v, 'm', now(), true, c, 1 FROM unnest(%s, %s::bytea[]) u(v, c)",
                     [[v for v, _ in values], [c for _, c in values]])
    assert len(adopt(project, "sqlx")["adopted"]) == 3000
    assert database.value("SELECT count(*) FROM godwit.migrations WHERE checksum IS NOT NULL") == 3000
    error = "SELECT 1 + 1;\n"
    for version in (7, 8, 9):
        project.write(f"migrations/{version:05}_m.sql", error)
    for version in range(2000, 2100):
        project.remove(f"migrations/{version:05}_m.sql")
    detail = adopt(project, "sqlx", code=1)["error"]["detail"]
    lines = detail.split("\n")
    assert lines[0] == "2000 m" and lines[20] == "…" and len(lines) == 22


def test_through_a_pooler(make_project, database, pgbouncer):
    project = make(make_project, database, "dbmate")
    database.execute("CREATE TABLE schema_migrations (version varchar PRIMARY KEY);"
                     " INSERT INTO schema_migrations VALUES ('20240105093000'), ('20240212110000')")
    pooled = pgbouncer.url(database.name)
    assert len(project.godwit("adopt", "--from", "dbmate", "--json", url=pooled, code=0).json["adopted"]) == 2

    # goose's lock belongs to a session, which there is none of here.
    other = make(make_project, database, "goose")
    fill_goose(database, other)
    error = other.godwit("adopt", "--from", "goose", "--json", url=pooled, code=1).json["error"]
    assert "direct_url" in error["hint"]
    assert database.value("SELECT count(*) FROM godwit.migrations") == 2


def test_a_role_that_may_not_read_the_table(make_project, database):
    project = make(make_project, database, "goose")
    fill_goose(database, project)
    role = database.role("GRANT CREATE ON DATABASE {database} TO {role}")
    error = project.godwit("adopt", "--from", "goose", "--json", url=database.url_for(role), code=1).json["error"]
    assert error["kind"] == "privilege" and "goose_db_version" in error["message"]
    assert database.value("SELECT to_regnamespace('godwit')") is None


# ---- compat: sqlx ----------------------------------------------------------------------------

def sqlx_rows(database, schema="public"):
    return database.execute(f"SELECT version, description, success, checksum FROM {schema}._sqlx_migrations ORDER BY 1")


def expected_rows(project, *names):
    return [(int(n.split("_")[0]), n.split("_", 1)[1].removesuffix(".sql").removesuffix(".up").replace("_", " "), True,
             tools.sqlx_checksum((project / "migrations" / n).read_bytes())) for n in names]


def unpacked(rows):
    return [(*r[:3], bytes(r[3])) for r in rows]


def test_compat_keeps_the_history_of_sqlx_in_step(make_project, database):
    project = make_project()
    project.config({"project": "test", "migrations": "migrations", "default": "test", "compat": "sqlx",
                    "environments": {"test": {"url": database.url}}})
    project.migration("20240101000000", "first_table", "CREATE TABLE a (id int);\r\n", "DROP TABLE a;\n")
    project.migration("20240102000000", "second_table", "CREATE TABLE b (id int);\n", "DROP TABLE b;\n")
    project.migration("20240103000000", "index", "CREATE INDEX CONCURRENTLY b_id ON b (id);\n",
                      "DROP INDEX CONCURRENTLY b_id;\n")
    names = ["20240101000000_first_table.up.sql", "20240102000000_second_table.up.sql", "20240103000000_index.up.sql"]
    project.godwit("up", code=0)
    assert unpacked(sqlx_rows(database)) == expected_rows(project, *names)
    assert database.value("SELECT bool_and(execution_time > 0 AND installed_on <= now()) FROM _sqlx_migrations")
    project.godwit("--yes", "down", "--steps", "2", "--allow-data-loss", code=0)
    assert unpacked(sqlx_rows(database)) == expected_rows(project, names[0])
    assert database.columns("_sqlx_migrations") == ["version", "description", "installed_on", "success", "checksum",
                                                    "execution_time"]
    # sqlx itself would take the same history, so Godwit can take it over from it.
    database.execute("DROP SCHEMA godwit CASCADE")
    assert [m["checksum"] for m in adopt(project, "sqlx")["adopted"]] == ["match"]


def test_compat_writes_in_the_transaction_of_the_migration(make_project, database):
    project = make_project()
    project.config({"project": "test", "migrations": "migrations", "default": "test", "compat": "sqlx",
                    "environments": {"test": {"url": database.url}}})
    project.migration(1, "good", "CREATE TABLE a (id int);")
    project.migration(2, "bad", "CREATE TABLE b (id int); SELECT 1/0;")
    project.godwit("up", code=1)
    assert [r[0] for r in sqlx_rows(database)] == [1]
    assert database.tables() == ["_sqlx_migrations", "a"]


def test_compat_where_the_file_changes_the_search_path(make_project, database):
    project = make_project()
    database.execute("CREATE SCHEMA app")
    database.execute(f'ALTER DATABASE "{database.name}" SET search_path TO app')
    project.config({"project": "test", "migrations": "migrations", "default": "test", "compat": "sqlx",
                    "environments": {"test": {"url": database.url}}})
    project.migration(1, "first", "CREATE SCHEMA other; SET search_path TO other;"
                                  " CREATE FUNCTION now() RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL::timestamptz';"
                                  " SET DateStyle TO 'German'; CREATE TABLE t (id int);")
    project.godwit("up", code=0)
    assert [r[0] for r in sqlx_rows(database, "app")] == [1]


def test_compat_in_the_schema_of_each_tenant(make_project, database):
    project = make_project()
    project.config({"project": "test", "migrations": "migrations", "default": "test", "compat": "sqlx",
                    "environments": {"test": {"url": database.url, "for_each": {"schemas": "tenant_%"}}}})
    database.execute("CREATE SCHEMA tenant_a; CREATE SCHEMA tenant_b")
    project.migration(1, "first", "CREATE TABLE a (id int);")
    project.godwit("up", code=0)
    for schema in ("tenant_a", "tenant_b"):
        assert unpacked(sqlx_rows(database, schema)) == expected_rows(project, "1_first.up.sql")
        assert database.tables(schema) == ["_sqlx_migrations", "a"]


def test_compat_baseline(make_project, database):
    project = make_project()
    project.config({"project": "test", "migrations": "migrations", "default": "test", "compat": "sqlx",
                    "environments": {"test": {"url": database.url}}})
    project.migration(1, "first", "CREATE TABLE a (id int);")
    project.migration(2, "second", "CREATE TABLE b (id int);")
    project.godwit("baseline", "1", code=0)
    assert unpacked(sqlx_rows(database)) == expected_rows(project, "1_first.up.sql")
    project.godwit("up", code=0)
    assert [r[0] for r in sqlx_rows(database)] == [1, 2]


def test_compat_does_not_run_on_a_history_that_sqlx_left_half_done(make_project, database):
    project = make_project()
    project.config({"project": "test", "migrations": "migrations", "default": "test", "compat": "sqlx",
                    "environments": {"test": {"url": database.url}}})
    project.migration(1, "first", "CREATE TABLE a (id int);")
    project.godwit("up", code=0)
    project.migration(2, "second", "CREATE TABLE b (id int);")
    database.execute("INSERT INTO _sqlx_migrations VALUES (7, 'x', now(), false, '\\x00', -1)")
    for words in (["up"], ["baseline", "2"]):
        assert "version 7" in project.godwit(*words, code=1).err
    assert database.tables() == ["_sqlx_migrations", "a"]
