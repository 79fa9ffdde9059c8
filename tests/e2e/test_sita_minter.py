"""SiTa Minter: the migrations and the declared schema are one, the queries have their indexes, the roles their limits."""
import contextlib
import json
import re
import subprocess

import pytest
from psycopg2 import errorcodes

from harness import system, tools
from harness.examples import DATA, OBJECTS, SITA_MINTER, make_checkout, refusal, sita_minter  # noqa: F401 (fixtures)
from harness.ledgerflow import needs_pg_dump, shell  # noqa: F401 (fixture)

FOLDER = SITA_MINTER.folder
EVERYWHERE = [v for v in SITA_MINTER.versions() if v not in SITA_MINTER.seeds()]
FIRST = EVERYWHERE[0]
APP = "sitaminter_app"
PRIVILEGE = errorcodes.INSUFFICIENT_PRIVILEGE


@pytest.fixture
def checkout(make_checkout):
    return make_checkout(SITA_MINTER)


def schema_of(database):
    """pg_dump -s, without what differs from dump to dump."""
    needs_pg_dump(database.server)
    text = system.run(["pg_dump", "-s", "--no-owner", "-N", "godwit", "-d", database.url])
    return [line for line in text.splitlines() if line and not line.startswith(("--", "\\restrict", "\\unrestrict"))]


# ---- migrations and the declared schema ---------------------------------------------------------


def edit(checkout, old, new, file="schema.sql"):
    text = (checkout.path / file).read_text()
    assert text.count(old) == 1, text.count(old)
    (checkout.path / file).write_text(text.replace(old, new))


@pytest.fixture
def declared(server):
    SITA_MINTER.prepare(server)
    database = SITA_MINTER.create_database(server)
    database.execute((FOLDER / "schema.sql").read_text(), user=SITA_MINTER.owner)
    yield database
    database.drop()


def test_the_migrations_make_the_declared_schema(checkout, declared):
    checkout.godwit("up")
    assert checkout.applied() == EVERYWHERE
    assert checkout.objects() == [line for (line,) in declared.execute(OBJECTS)]


def test_pg_dump_sees_no_difference_either(checkout, declared):
    checkout.godwit("up")
    assert len(schema_of(declared)) > 100
    assert schema_of(checkout.database) == schema_of(declared)


def test_godwit_sees_no_difference_either(checkout):
    assert "no difference" in checkout.godwit("diff", "--from", "migrations", "--to", "schema.sql").err
    checkout.godwit("up")
    checkout.godwit("diff", "--from", "database", "--to", "schema.sql")
    checkout.godwit("diff", "--from", "migrations", "--to", "database")
    # And what it says of the database is the declared schema again.
    (checkout.path / "said.sql").write_text(checkout.godwit("dump").out)
    checkout.godwit("diff", "--from", "said.sql", "--to", "schema.sql", "--no-owner")


def test_a_change_of_the_declared_schema_becomes_a_migration(checkout):
    """The guide's way: edit schema.sql, read what it would take, write it down, apply it, verify."""
    checkout.godwit("up")
    edit(checkout, "    icon_url         text,\n", "    icon_url         text,\n    decimals         integer DEFAULT 8,\n")
    plan = checkout.godwit("diff", "--from", "migrations", "--to", "schema.sql", code=3)
    assert "ADD COLUMN decimals integer DEFAULT 8" in plan.out
    name = checkout.path / "migrations" / "20260101000000_token_decimals"
    name.with_suffix(".up.sql").write_text(plan.out)
    name.with_suffix(".down.sql").write_text("ALTER TABLE tokens DROP COLUMN decimals;\n")
    checkout.godwit("up")
    checkout.godwit("diff", "--from", "database", "--to", "migrations")
    checkout.godwit("verify")
    checkout.godwit("status", "--check")


def test_everything_up_down_to_nothing_and_up_again(checkout):
    nothing = checkout.objects()
    checkout.godwit("up")
    whole = checkout.objects()
    checkout.godwit("status", "--check")
    checkout.godwit("verify")
    checkout.godwit("down", "--to", "0")
    assert checkout.objects() == nothing
    checkout.godwit("up")
    assert checkout.objects() == whole


def test_every_migration_is_undone_by_its_rollback(checkout):
    for version in EVERYWHERE:
        before = checkout.objects()
        checkout.godwit("up", "--to", str(version))
        after = checkout.objects()
        assert after != before
        checkout.godwit("down")
        assert checkout.objects() == before, version
        checkout.godwit("up", "--to", str(version))
        assert checkout.objects() == after, version


def test_developers_get_rows(checkout):
    checkout.godwit("--url", checkout.database.url_for(SITA_MINTER.owner), "up", env="dev")
    assert checkout.applied() == SITA_MINTER.versions()
    assert checkout.database.value("SELECT count(*) FROM transactions JOIN tokens ON tokens.id = token_id") == 1
    checkout.godwit("--url", checkout.database.url_for(SITA_MINTER.owner), "redo", "--allow-data-loss", env="dev")


@pytest.mark.peers
def test_a_database_that_drizzle_has_made_is_taken_over(checkout, tmp_path):
    """The guide's schema.ts through the real drizzle-kit is what the first migration makes, names and all."""
    tools.need(tools.PEERS / ".bin/drizzle-kit")
    source = (DATA / "sita-minter" / "schema.ts").read_text()
    # The validators come from packages that say nothing of the schema.
    source = re.sub(r"^import .*drizzle-zod.*$|^import .*'zod';$|^export (?:const insert|type).*$", "", source, flags=re.M)
    (tmp_path / "schema.ts").write_text(source)
    (tmp_path / "node_modules").symlink_to(tools.PEERS)
    tools.run_tool([tools.PEERS / ".bin/drizzle-kit", "generate", "--dialect", "postgresql", "--schema", "./schema.ts",
                    "--out", "./made"], tmp_path)
    made = checkout.example.create_database(checkout.server)
    try:
        for file in sorted((tmp_path / "made").glob("*.sql")):
            made.execute(file.read_text(), user=SITA_MINTER.owner)
        checkout.godwit("up", "--to", str(FIRST))
        assert checkout.objects() == [line for (line,) in made.execute(OBJECTS)]
        # Recorded, not run; the rest runs.
        first = checkout.database
        checkout.database = made
        checkout.godwit("baseline", str(FIRST))
        checkout.godwit("up")
        assert checkout.applied() == EVERYWHERE
        checkout.database = first
    finally:
        made.drop()


def test_the_types_of_the_first_schema_are_kept(sita_minter):
    types = sita_minter.run("SELECT table_name, column_name, data_type, column_default FROM information_schema.columns"
                            " WHERE table_schema = 'public'")
    assert len(types) == 44
    assert {t for n, c, t, _ in types if c.endswith(("_at", "_updated"))} == {"timestamp without time zone"}
    assert {(t, d) for n, c, t, d in types if c == "id"} == {
        ("integer", f"nextval('{n}_id_seq'::regclass)") for n in sita_minter.database.tables()}
    assert [t for n, c, t, _ in types if c in ("amount", "supply")] == ["text", "text"]


# ---- what the linter says -----------------------------------------------------------------------

# The first schema's own types, kept.
KEPT = {"serial_type", "integer_primary_key", "timestamp_without_time_zone", "text_for_amount", "nullable_boolean"}
# The guide's index on transactions.user_id beside the wider one that sorts.
GUIDE = {"redundant_index"}


@pytest.mark.parametrize("files", [[], ["schema.sql"]])
def test_what_was_kept_is_ignored_by_name_and_reason(bare_project, files):
    SITA_MINTER.copy(bare_project.path)
    assert bare_project.godwit("lint", "--json", *files, code=0).json["findings"] == []
    ignored = set()
    for file in [*(bare_project.path / "migrations").glob("*.sql"), bare_project.path / "schema.sql"]:
        text = file.read_text()
        ignored |= set(re.findall(r"^-- godwit: ignore (\w+) .{20,}$", text, re.M))
        file.write_text(re.sub(r"^-- godwit: ignore .*\n", "", text, flags=re.M))
    assert ignored == KEPT | GUIDE
    # And this is what it would say.
    found = bare_project.godwit("lint", "--json", *files, code=0).json["findings"]
    assert {f["rule"] for f in found} == KEPT | GUIDE


# ---- the guide's four warnings ------------------------------------------------------------------

# What is done: (the statement, the same in schema.sql, how the change is named, what is lost and how much).
FOUR = {
    "a column is dropped": (
        "ALTER TABLE tokens DROP COLUMN icon_url", ("    icon_url         text,\n", ""),
        ("column", "public.tokens.icon_url", "drop"), ("dropped_column", "public.tokens.icon_url", 3)),
    "a type is changed": (
        "ALTER TABLE tokens ALTER COLUMN symbol TYPE varchar(4)",
        ("    symbol           text      NOT NULL", "    symbol           varchar(4) NOT NULL"),
        ("column", "public.tokens.symbol", "alter"), ("changed_type", "public.tokens.symbol", 1)),
    "a column may no longer be null": (
        "ALTER TABLE tokens ALTER COLUMN description SET NOT NULL",
        ("    description      text,\n    icon", "    description      text NOT NULL,\n    icon"),
        ("column", "public.tokens.description", "alter"), ("not_null", "public.tokens.description", 2)),
    "a default is removed": (
        "ALTER TABLE tokens ALTER COLUMN status DROP DEFAULT",
        ("    tx_hash          text,\n    status           text      DEFAULT 'pending' NOT NULL,",
         "    tx_hash          text,\n    status           text      NOT NULL,"),
        ("default", "public.tokens.status", "drop"), ("removed_default", "public.tokens.status", None)),
}


@pytest.fixture
def with_tokens(checkout):
    """Three tokens with an icon, two without a description, one with a long symbol."""
    checkout.godwit("up")
    checkout.database.execute(
        "INSERT INTO users (wallet_address) VALUES ('w');"
        "INSERT INTO tokens (name, symbol, supply, creator_id, network_id, icon_url, description)"
        " SELECT 'n', s, '1', u.id, 'testnet', 'https://icon', d FROM users AS u,"
        " (VALUES ('ABC', NULL), ('ABCD', NULL), ('TOOLONG', 'said')) AS v(s, d)")
    return checkout


def losses(document):
    return [(loss["kind"], loss["object"], loss["rows"]) for loss in document["data_loss"]]


@pytest.mark.parametrize("what", FOUR)
def test_the_plan_shows_what_the_guide_warns_of(with_tokens, what):
    statement, _, change, _ = FOUR[what]
    (with_tokens.path / "migrations" / "20260101000000_risky.up.sql").write_text(statement + ";\n")
    plan = with_tokens.godwit("plan", "--json").json
    assert change in {(c["kind"], c["object"], c["action"]) for c in plan["changes"]}
    assert [s["sql"] for m in plan["migrations"] for s in m["statements"]] == [statement]
    # Nothing has happened.
    assert with_tokens.database.value("SELECT count(icon_url) FROM tokens") == 3
    assert with_tokens.applied() == EVERYWHERE


@pytest.mark.slow
@pytest.mark.parametrize("what", FOUR)
def test_a_push_warns_and_waits_to_be_told(with_tokens, what):
    _, (old, new), change, loss = FOUR[what]
    edit(with_tokens, old, new)
    rows = with_tokens.database.execute("SELECT * FROM tokens ORDER BY id")
    before = with_tokens.objects()
    dry = with_tokens.godwit("push", "schema.sql", "--dry-run", "--json")
    assert change in {(c["kind"], c["object"], c["action"]) for c in dry.json["changes"]}
    assert losses(dry.json) == [loss]
    said = with_tokens.godwit("push", "schema.sql", "--dry-run").err
    assert re.search(rf"warning:.*column {re.escape(loss[1])}.*{loss[2] or 'loses its default'}", said), said
    assert with_tokens.objects() == before

    if loss[0] in ("dropped_column", "changed_type"):
        refused = with_tokens.godwit("push", "schema.sql", "--yes", code=5)
        assert "--allow-data-loss" in refused.err
    elif loss[0] == "not_null":
        # No flag makes a value out of nothing.
        for words in ([], ["--allow-data-loss"]):
            assert "2 nulls" in with_tokens.godwit("push", "schema.sql", "--yes", *words, code=(1, 5)).err
        with_tokens.database.execute("UPDATE tokens SET description = '' WHERE description IS NULL")
        rows = with_tokens.database.execute("SELECT * FROM tokens ORDER BY id")
    if loss[0] == "changed_type":
        # Told to, it cuts nothing off: the value has to be made to fit first.
        with_tokens.database.execute("UPDATE tokens SET symbol = 'LONG' WHERE symbol = 'TOOLONG'")
        rows = with_tokens.database.execute("SELECT * FROM tokens ORDER BY id")
    if loss[0] != "removed_default":
        assert with_tokens.objects() == before
        assert with_tokens.database.execute("SELECT * FROM tokens ORDER BY id") == rows
    with_tokens.godwit("push", "schema.sql", "--yes", "--allow-data-loss")
    assert "nothing to do" in with_tokens.godwit("push", "schema.sql", "--yes").out
    assert with_tokens.database.value("SELECT count(*) FROM tokens") == 3


# ---- push ----------------------------------------------------------------------------------------


def test_a_push_makes_the_declared_schema_out_of_nothing(checkout, declared):
    checkout.godwit("push", "schema.sql", "--yes")
    assert checkout.objects() == [line for (line,) in declared.execute(OBJECTS)]
    assert "nothing to do" in checkout.godwit("push", "schema.sql", "--yes").out
    # And finds nothing to do where the migrations ran.
    assert "push" in checkout.godwit("history").out


def test_where_the_migrations_ran_a_push_has_nothing_to_do(checkout):
    checkout.godwit("up")
    assert "nothing to do" in checkout.godwit("push", "schema.sql", "--yes").out


@pytest.mark.slow
def test_a_change_by_hand_is_found(checkout):
    checkout.godwit("up")
    checkout.godwit("verify")
    checkout.database.execute("ALTER TABLE settings ADD COLUMN secret text; DROP INDEX idx_transactions_tx_hash")
    said = checkout.godwit("verify", code=3)
    assert "secret" in said.out + said.err and "idx_transactions_tx_hash" in said.out + said.err
    checkout.godwit("push", "schema.sql", "--yes", code=5 if checkout.database.value("SELECT count(*) FROM settings") else (0, 5))
    checkout.godwit("push", "schema.sql", "--yes", "--allow-data-loss")
    checkout.godwit("verify")


@pytest.mark.slow
def test_the_safe_process_of_the_guide(with_tokens, shell):
    """Dry run, warnings, apply, verify: as the README says it, through npm."""
    if subprocess.run(["npm", "--version"], capture_output=True, check=False).returncode:
        pytest.skip("no npm here")
    url = with_tokens.database.url_for(SITA_MINTER.owner)

    def npm(words, code=0):
        return shell(f"npm run --silent {words}", cwd=with_tokens.path, code=code, timeout=300, GODWIT_ENV="staging",
                     STAGING_DATABASE_URL=url, GODWIT_PG_BINDIR=with_tokens.server.bindir)

    npm("db:diff")
    edit(with_tokens, *FOUR["a column is dropped"][1])
    assert "DROP COLUMN icon_url" in npm("db:diff", code=3).out
    dry = npm("db:push -- --dry-run")
    assert "DROP COLUMN icon_url" in dry.out and "3 values" in dry.err
    assert "--allow-data-loss" in npm("db:push -- --yes", code=5).err
    assert with_tokens.database.value("SELECT count(icon_url) FROM tokens") == 3
    npm("db:push -- --yes --allow-data-loss")
    npm("db:diff")
    assert "icon_url" not in with_tokens.database.columns("tokens")
    # The migrations do not know of it yet, and verify says so until they do.
    assert "icon_url" in (said := npm("db:verify", code=3)).out + said.err
    migration = with_tokens.path / "migrations" / "20260101000000_no_icons"
    migration.with_suffix(".up.sql").write_text("ALTER TABLE tokens DROP COLUMN icon_url;\n")
    migration.with_suffix(".down.sql").write_text("ALTER TABLE tokens ADD COLUMN icon_url text;\n")
    with_tokens.godwit("baseline", "20260101000000")
    npm("db:verify")


# ---- queries ------------------------------------------------------------------------------------


def named(page):
    """{name: (parameters, indexes, SQL)} of a file of named queries."""
    found = {}
    for name, parameters, body in re.findall(r"^-- name: (\w+)(?: \(([\w, ]*)\))?\n(.*?;)$", (FOLDER / page).read_text(),
                                             re.M | re.S):
        indexes = re.findall(r"^-- index: (.*)$", body, re.M)
        found[name] = (parameters.split(", ") if parameters else [], indexes[0].split(", ") if indexes else [],
                       re.sub(r"^--.*\n", "", body, flags=re.M).strip())
    return found


QUERIES = named("queries.sql")
VALUES = {"wallet_address": "ckb1" + "c4ca4238a0b923820dcc509a6f75849b", "user_id": 7, "token_id": 70, "limit": 10,
          "tx_hash": "0x777", "since": "2025-03-07 00:00:00", "key": "key77"}


@pytest.fixture(scope="module")
def many_rows(server, binary):
    template = SITA_MINTER.template(binary, server)
    name = template + "_rows"
    server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER {SITA_MINTER.owner}')
    with contextlib.closing(server.connect(name)) as connection, connection.cursor() as cursor:
        cursor.execute((DATA / "sita-minter" / "rows.sql").read_text())
        yield cursor
    server.drop_database(name)


def run_prepared(cursor, name, values, explain=False):
    parameters, _, query = QUERIES[name]
    cursor.execute(f"PREPARE asked AS {query}")
    try:
        marks = f"({', '.join(['%s'] * len(parameters))})" if parameters else ""
        cursor.execute(f"{'EXPLAIN (FORMAT JSON) ' if explain else ''}EXECUTE asked{marks}", values)
        return cursor.fetchall()
    finally:
        cursor.execute("DEALLOCATE asked")


def nodes(plan):
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_is_limited_parameterised_and_answered_by_its_index(many_rows, name):
    parameters, indexes, query = QUERIES[name]
    values = [VALUES[p] for p in parameters]
    assert set(re.findall(r"\$(\d+)::", query)) == {str(n) for n in range(1, len(parameters) + 1)}
    assert "'" not in query, "a value in the text"
    # The same plan, whether for these values or for any.
    for mode in ("force_custom_plan", "force_generic_plan"):
        many_rows.execute(f"SET plan_cache_mode = {mode}")
        (plan,), = run_prepared(many_rows, name, values, explain=True)
        found = list(nodes(plan[0]["Plan"]))
        shown = f"{mode} {query}\n{json.dumps(plan, indent=1)}"
        used = {n.get("Index Name") for n in found}
        assert set(indexes) <= used, shown
        assert not any(n["Node Type"] == "Seq Scan" for n in found), shown
        if any("created_at" in i for i in indexes):
            assert not any("Sort" in n["Node Type"] for n in found), shown
    rows = run_prepared(many_rows, name, values)
    assert rows and ("limit" not in parameters or len(rows) == min(10, len(rows)))


@pytest.mark.parametrize("name", [n for n, (p, _, _) in QUERIES.items() if "limit" in p])
def test_a_list_has_an_end_whoever_asks(many_rows, name):
    parameters = QUERIES[name][0]
    for limit in (10**9, None):
        rows = run_prepared(many_rows, name, [limit if p == "limit" else VALUES[p] for p in parameters])
        assert 0 < len(rows) <= 1000
        if "security" not in name:
            assert len(rows) <= 100


@pytest.mark.parametrize("evil", ["' OR true --", "x'; DROP TABLE settings; --", "$1", "%", "\\"])
def test_a_parameter_is_a_value_and_nothing_else(many_rows, evil):
    for name, parameter in (("user_by_wallet", 0), ("transaction_by_hash", 0), ("setting", 0)):
        assert run_prepared(many_rows, name, [evil]) == []
    many_rows.execute("SELECT count(*) FROM settings")
    assert many_rows.fetchone() == (1000,)


def test_every_index_answers_a_query(sita_minter):
    indexes = {n for (n,) in sita_minter.run("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")}
    asked = {i for _, of_query, _ in QUERIES.values() for i in of_query}
    # A primary key needs no proof.
    assert indexes - asked == {f"{t}_pkey" for t in ("tokens", "transactions", "security_events", "settings")}
    assert {"idx_tokens_creator_id", "idx_transactions_user_id", "idx_security_events_created_at"} <= asked


def test_a_service_may_ask_them_all(sita_minter):
    with contextlib.closing(sita_minter.connect(APP)) as connection, connection.cursor() as cursor:
        for name, (parameters, _, _) in QUERIES.items():
            run_prepared(cursor, name, [VALUES[p] for p in parameters])


@pytest.mark.parametrize("name", named("diagnostics.sql"))
def test_the_diagnostic_queries_run(many_rows, name):
    _, _, query = named("diagnostics.sql")[name]
    many_rows.execute(query)
    rows = many_rows.fetchall()
    if name == "table_sizes":
        assert [r[1] for r in rows][0] == "transactions" and len(rows) == 5


# ---- roles --------------------------------------------------------------------------------------


def test_the_service_does_its_work(sita_minter):
    user = sita_minter.value("INSERT INTO users (wallet_address) VALUES ('w') RETURNING id", role=APP)
    token = sita_minter.value("INSERT INTO tokens (name, symbol, supply, creator_id, network_id)"
                              " VALUES ('n', 's', '21000000.00', %s, 'testnet') RETURNING id", [user], role=APP)
    for statement, arguments in (
            ("INSERT INTO transactions (user_id, token_id, tx_hash, tx_type, network_id) VALUES (%s, %s, 'h', 'create', 'testnet')",
             [user, token]),
            ("INSERT INTO security_events (event_type, description, user_id) VALUES ('login', 'd', %s)", [user]),
            ("UPDATE tokens SET status = 'confirmed', updated_at = now()", None),
            ("UPDATE transactions SET status = 'failed'", None), ("UPDATE users SET username = 'u'", None)):
        assert sita_minter.run(statement, arguments, role=APP) == 1, statement


@pytest.mark.parametrize("statement", [
    "DELETE FROM users", "DELETE FROM tokens", "DELETE FROM transactions", "DELETE FROM security_events",
    "DELETE FROM settings", "TRUNCATE security_events", "UPDATE security_events SET severity = 'info'",
    "INSERT INTO settings (key, value) VALUES ('a', 'b')", "UPDATE settings SET value = 'x'", "DROP TABLE settings",
    "ALTER TABLE users ADD COLUMN admin boolean", "CREATE INDEX ON users (username)",
    "SELECT setval('users_id_seq', 1)", "SELECT * FROM godwit.migrations", "GRANT sitaminter_owner TO CURRENT_USER",
    "CREATE DATABASE mine", "CREATE ROLE mine", "COPY users TO PROGRAM 'cat'"])
def test_the_service_does_nothing_else(sita_minter, statement):
    assert refusal(sita_minter.run, statement, role=APP).pgcode == PRIVILEGE


def test_the_owner_owns_and_is_no_superuser(sita_minter):
    assert sita_minter.run("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'") == [(SITA_MINTER.owner,)]
    assert sita_minter.run("SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = %s",
                           [SITA_MINTER.owner]) == [(False, False, False, False)]
    assert not sita_minter.value("SELECT pg_has_role(%s, %s, 'MEMBER')", [sita_minter.logins[APP], SITA_MINTER.owner])


def test_the_roles_file_makes_what_is_missing_and_may_run_again(make_server):
    server = make_server()
    for _ in range(2):
        server.execute((FOLDER / "roles.sql").read_text())
    assert server.execute("SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname LIKE 'sitaminter%' ORDER BY 1") == [
        ("sitaminter_app", False), ("sitaminter_owner", True)]


@pytest.mark.parametrize("table, column, value", [
    ("tokens", "status", "done"), ("tokens", "supply", "many"), ("tokens", "supply", ""), ("tokens", "supply", "-1"),
    ("tokens", "supply", "1e9"), ("transactions", "status", "PENDING"), ("transactions", "amount", "1,5"),
    ("transactions", "amount", "NaN"), ("security_events", "severity", "debug")])
def test_values_are_those_of_the_guide(sita_minter, table, column, value):
    sita_minter.run("INSERT INTO users (wallet_address) VALUES ('w')")
    sita_minter.run("INSERT INTO tokens (name, symbol, supply, creator_id, network_id) SELECT 'n', 's', '1', id, 'x' FROM users")
    sita_minter.run("INSERT INTO transactions (user_id, tx_hash, tx_type, network_id) SELECT id, 'h', 't', 'x' FROM users")
    sita_minter.run("INSERT INTO security_events (event_type, description) VALUES ('a', 'b')")
    error = refusal(sita_minter.run, f"UPDATE {table} SET {column} = %s", [value])
    assert error.diag.constraint_name == f"{table}_{column}_check"


# ---- the pages ----------------------------------------------------------------------------------


def test_every_migration_has_its_way_back_and_its_entry():
    changes = (FOLDER / "CHANGELOG.md").read_text()
    entries = re.findall(r"^## (\d{14}) (\w+)$", changes, re.M)
    assert [int(v) for v, _ in entries] == sorted(EVERYWHERE, reverse=True)
    for up in (FOLDER / "migrations").glob("*.up.sql"):
        assert up.with_name(up.name.replace(".up.sql", ".down.sql")).is_file(), up
        assert up.name.split("_")[0] in changes
    assert all((FOLDER / "migrations" / f"{v}_{n}.up.sql").is_file() for v, n in entries)


def test_npm_calls_godwit():
    scripts = json.loads((FOLDER / "package.json").read_text())["scripts"]
    assert scripts["db:push"] == "godwit push schema.sql"
    assert all(words.startswith("godwit ") for words in scripts.values())


@pytest.mark.slow
def test_npm_runs_what_is_in_the_package(checkout, shell):
    if subprocess.run(["npm", "--version"], capture_output=True, check=False).returncode:
        pytest.skip("no npm here")
    url = checkout.database.url_for(SITA_MINTER.owner)
    done = shell("npm run --silent db:up && npm run --silent db:status && npm run --silent db:verify", cwd=checkout.path,
                 GODWIT_ENV="staging", STAGING_DATABASE_URL=url)
    assert str(EVERYWHERE[-1]) in done.out
    assert checkout.applied() == EVERYWHERE


def test_a_project_starts_from_it(bare_project):
    bare_project.godwit("init", "--from", "sita-minter", code=0)
    assert subprocess.run(["diff", "-r", "-x", ".godwit", "-x", "node_modules", FOLDER, bare_project.path],
                          check=False).returncode == 0
