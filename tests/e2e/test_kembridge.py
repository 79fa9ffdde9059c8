"""KEMBridge's migrations: up and down, the seed's every constraint and index, the audit's months, the developers'
rows; and the page of the seed's defects, each tried on a real server."""
import concurrent.futures
import re
import subprocess

import psycopg2
import pytest
from psycopg2 import errorcodes

from harness import system
from harness.examples import DATA, KEMBRIDGE, OBJECTS, kembridge, make_checkout, refusal  # noqa: F401 (fixtures)
from harness.ledgerflow import needs_pg_dump

SEED = (DATA / "kembridge" / "seed.sql").read_text()
PAGE = (KEMBRIDGE.folder / "DEFECTS.md").read_text()
EVERYWHERE = [v for v in KEMBRIDGE.versions() if v not in KEMBRIDGE.seeds()]


@pytest.fixture
def checkout(make_checkout):
    return make_checkout(KEMBRIDGE)


# ---- up and down ------------------------------------------------------------------------------


@pytest.mark.slow
def test_everything_up_down_to_nothing_and_up_again(checkout):
    # On 12 only a superuser may drop an extension that a superuser has made.
    user = "postgres" if checkout.server.major < 13 else KEMBRIDGE.owner
    nothing = checkout.objects()
    checkout.godwit("up", user=user)
    whole = checkout.objects()
    assert checkout.applied() == EVERYWHERE
    checkout.godwit("status", "--check", user=user)
    checkout.godwit("verify", user=user)
    # The first tenant, which a file puts in.
    assert "table public.tenants is dropped: 1 row" in checkout.godwit("down", "--to", "0", user=user, code=5).err
    checkout.godwit("down", "--to", "0", "--allow-data-loss", user=user)
    without_extensions = [line for line in nothing if "extension" not in line or "plpgsql" in line]
    assert checkout.objects() == without_extensions
    checkout.godwit("up", user=user)
    assert checkout.objects() == whole


@pytest.mark.slow
def test_every_migration_is_undone_by_its_rollback(checkout):
    checkout.godwit("up", "--to", "1")
    for version in EVERYWHERE[1:]:
        schema = checkout.objects()
        checkout.godwit("up", "--to", str(version))
        changed = checkout.objects()
        assert changed != schema, version
        checkout.godwit("down", "--allow-data-loss")
        assert checkout.objects() == schema, version
        checkout.godwit("up", "--to", str(version))
        assert checkout.objects() == changed, version
    checkout.godwit("status", "--check")


def test_the_twelve_of_the_seed_are_there_by_their_names():
    names = [f.name.removesuffix(".up.sql") for f in sorted((KEMBRIDGE.folder / "migrations").glob("*.up.sql"))]
    assert names[:12] == ["001_initial_extensions", "002_create_users_table", "003_create_auth_methods",
                          "004_create_user_sessions", "005_create_quantum_keys", "006_create_transactions",
                          "007_create_audit_logs", "008_create_functions", "009_create_triggers",
                          "010_create_indexes", "011_seed_data", "012_performance_optimizations"]
    assert KEMBRIDGE.versions() == list(range(1, len(names) + 1))
    for up in (KEMBRIDGE.folder / "migrations").glob("*.up.sql"):
        assert up.with_name(up.name.replace(".up.sql", ".down.sql")).is_file(), up


def test_the_migrations_make_the_roles_that_are_missing(make_server, binary, bare_project):
    server = make_server()
    server.create_role("LOGIN", KEMBRIDGE.owner)
    database = KEMBRIDGE.create_database(server)
    KEMBRIDGE.copy(bare_project.path)
    refused = KEMBRIDGE.run(binary, server, bare_project.path, "up", url=database.url_for(KEMBRIDGE.owner), code=1)
    assert "role kembridge_app is missing" in refused.err and "CREATE ROLE kembridge_app" in refused.err
    server.execute(f"ALTER ROLE {KEMBRIDGE.owner} CREATEROLE")
    KEMBRIDGE.run(binary, server, bare_project.path, "up", url=database.url_for(KEMBRIDGE.owner))
    roles = server.execute("SELECT rolname, rolcanlogin, rolsuper FROM pg_roles WHERE rolname LIKE 'kembridge%' ORDER BY 1")
    assert roles == [("kembridge_app", False, False), ("kembridge_auditor", False, False),
                     ("kembridge_owner", True, False), ("kembridge_risk", False, False)]


def test_transfers_from_before_there_were_reasons_get_one(checkout):
    checkout.godwit("up", "--to", "14")
    database = checkout.database
    user = database.value("INSERT INTO users DEFAULT VALUES RETURNING id")
    for status, done in (("failed", "now()"), ("expired", "NULL"), ("confirmed", "now()")):
        database.execute("INSERT INTO transactions (user_id, source_chain, destination_chain, source_token, destination_token,"
                         f" amount_in, status, completed_at) VALUES (%s, 'near', 'ethereum', 'a', 'b', 1, %s, {done})",
                         [user, status])
    checkout.godwit("up")
    assert database.execute("SELECT status, status_reason IS NOT NULL FROM transactions ORDER BY 1") == [
        ("confirmed", False), ("expired", True), ("failed", True)]


@pytest.mark.slow
def test_what_godwit_says_of_it_is_it(checkout):
    user = "postgres" if checkout.server.major < 13 else KEMBRIDGE.owner
    checkout.godwit("up", user=user)
    (checkout.path / "said.sql").write_text(checkout.godwit("dump", user=user).out)
    checkout.godwit("diff", "--from", "said.sql", "--to", "database", user=user)
    checkout.godwit("diff", "--from", "migrations", "--to", "database", "--no-owner", user=user)
    # Somebody opens a door by hand, and verify shows it.
    checkout.database.execute("ALTER TABLE audit_logs DISABLE TRIGGER audit_logs_no_change;"
                              "ALTER TABLE users DISABLE ROW LEVEL SECURITY; GRANT DELETE ON transactions TO kembridge_app")
    found = checkout.godwit("verify", user=user, code=3)
    for door in ("audit_logs_no_change", "ROW LEVEL SECURITY", "DELETE"):
        assert door in found.out + found.err, found


def test_every_moment_has_its_zone(kembridge):
    assert kembridge.run("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
                         " AND data_type IN ('timestamp without time zone', 'date', 'time without time zone')") == []


def test_a_dump_is_restored_with_its_rows(kembridge, make_database):
    needs_pg_dump(kembridge.database.server)
    user = kembridge.user()
    kembridge.session(user)
    kembridge.transaction(user, "failed", quantum_key_id=f"'{kembridge.key(user)}'")
    copy = make_database()
    system.run(["bash", "-euo", "pipefail", "-c", 'pg_dump "$0" | psql -qX -v ON_ERROR_STOP=1 -o /dev/null -d "$1"',
                kembridge.database.url, copy.url])

    # PostgreSQL writes IN over a varchar in another way each time that it reads what it wrote.
    def objects(database):
        return [line for (line,) in database.execute(OBJECTS) if "ARRAY[" not in line]

    assert objects(copy) == objects(kembridge.database)
    for table in ("users", "transactions", "transaction_rollbacks", "audit_logs", "quantum_keys", "user_sessions"):
        rows = f"SELECT * FROM {table} ORDER BY 1"
        assert copy.execute(rows) == kembridge.database.execute(rows) != []


# ---- the seed's schema ------------------------------------------------------------------------


def mended_seed():
    """The seed's SQL with the four defects mended, and nothing else: what runs of it on a server."""
    text = SEED.replace('"pg_crypto"', "pgcrypto")
    text = text.replace("    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),\n    user_id UUID REFERENCES users(id),  -- Nullable",
                        "    id UUID DEFAULT uuid_generate_v4(),\n    PRIMARY KEY (id, created_at),\n    user_id UUID REFERENCES users(id),  -- Nullable")
    text = text.replace("CHECK (jsonb_typeof(event_data) = 'object')\n);",
                        "CHECK (jsonb_typeof(event_data) = 'object')\n) PARTITION BY RANGE (created_at);")
    extensions, rest = text.split("-- Централизованное", 1)
    rest, functions = rest.split("-- Update timestamp function", 1)
    before, transactions = rest.split("-- Основная таблица", 1)
    transactions, keys = transactions.split("-- Хранение постквантовых", 1)
    keys, audit = keys.split("-- Comprehensive audit", 1)
    return "\n--".join([extensions, functions, before, keys, transactions, audit])


CONSTRAINTS = """
    SELECT c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint AS c JOIN pg_class AS t ON t.oid = c.conrelid
     WHERE c.connamespace = 'public'::regnamespace AND NOT t.relispartition AND c.contype = ANY (%s)"""
INDEXES = """
    SELECT c.relname, pg_get_indexdef(c.oid) FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
     WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relispartition"""


@pytest.fixture
def seed(make_database):
    database = make_database()
    database.execute(mended_seed())
    return database


def test_every_constraint_and_index_of_the_seed_is_there(seed, kembridge):
    checks, ours = (dict(d.execute(CONSTRAINTS, [["c", "u", "p", "x"]])) for d in (seed, kembridge.database))
    assert len(checks) > 30
    assert {name: ours.get(name) for name in checks} == checks
    keys, ours = (dict(d.execute(CONSTRAINTS, [["f"]])) for d in (seed, kembridge.database))
    assert len(keys) == 8
    # As the seed has them, but nothing goes with what it hangs at.
    assert {name: ours[name].replace(" ON DELETE RESTRICT", "") for name in keys} == {
        name: definition.replace(" ON DELETE CASCADE", "") for name, definition in keys.items()}
    indexes, ours = (dict(d.execute(INDEXES)) for d in (seed, kembridge.database))
    named = set(re.findall(r"^CREATE INDEX (\w+)", SEED, re.M))
    assert len(named) == 34 and named <= set(indexes)
    assert {name: ours.get(name) for name in indexes} == indexes


def test_every_column_default_trigger_and_function_of_the_seed_is_there(seed, kembridge):
    columns = ("SELECT table_name, column_name, udt_name, character_maximum_length, column_default"
               " FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'audit_logs\\_%'")
    theirs, ours = (set(d.execute(columns)) for d in (seed, kembridge.database))
    # The one default that is added is on the page: a transfer always has an end.
    missing = {(t, c) for t, c, *_ in theirs - ours}
    assert missing == {("transactions", "expires_at")}
    triggers = "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
    theirs, ours = (dict(d.execute(triggers)) for d in (seed, kembridge.database))
    assert len(theirs) == 2 and theirs.items() <= ours.items()
    functions = ("SELECT proname, pg_get_function_identity_arguments(oid), pg_get_function_result(oid) FROM pg_proc"
                 " WHERE pronamespace = 'public'::regnamespace AND prolang = (SELECT oid FROM pg_language WHERE lanname = 'plpgsql')")
    theirs, ours = (set(d.execute(functions)) for d in (seed, kembridge.database))
    assert len(theirs) == 4 and theirs <= ours


# ---- the audit's months ------------------------------------------------------------------------

LOG = ("INSERT INTO audit_logs (event_type, event_category, created_at) VALUES ('test', 'system', %s)"
       " RETURNING tableoid::regclass::text")


def test_the_audit_is_partitioned_by_month(kembridge):
    assert kembridge.value("SELECT pg_get_partkeydef('audit_logs'::regclass)") == "RANGE (created_at)"
    assert kembridge.value("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'audit_logs'::regclass"
                           " AND contype = 'p'") == "PRIMARY KEY (id, created_at)"
    for at, month in (("2024-01-01 00:00+00", "audit_logs_y2024m01"), ("2024-01-31 23:59:59.999999+00", "audit_logs_y2024m01"),
                      ("2024-02-01 00:00+00", "audit_logs_y2024m02"), ("2027-12-31 23:59:59+00", "audit_logs_y2027m12"),
                      ("2023-12-31 23:59:59+00", "audit_logs_default"), ("2028-01-01 00:00+00", "audit_logs_default")):
        assert kembridge.value(LOG, [at]) == month
    plan = "\n".join(line for (line,) in kembridge.run(
        "EXPLAIN SELECT * FROM audit_logs WHERE created_at >= '2026-11-01 00:00+00' AND created_at < '2026-12-01 00:00+00'"))
    assert set(re.findall(r"audit_logs_\w+", plan)) <= {"audit_logs_y2026m11", "audit_logs_y2026m11_created_at_idx"}


def test_months_are_utc_whoever_runs_the_migration(checkout):
    checkout.database.execute(f'ALTER DATABASE "{checkout.database.name}" SET timezone = \'Europe/Moscow\'')
    checkout.godwit("up", "--to", "7")
    assert checkout.database.value(LOG, ["2026-03-01 00:00+00"]) == "audit_logs_y2026m03"
    assert checkout.database.value(LOG, ["2026-03-01 00:00+03"]) == "audit_logs_y2026m02"


def test_months_ahead_are_made_and_guarded(kembridge):
    for at in ("2028-01-15 12:00+00", "2028-03-01 00:00+00", "2031-01-01 00:00+00"):
        assert kembridge.value(LOG, [at]) == "audit_logs_default"
    before = kembridge.run("SELECT * FROM audit_logs ORDER BY id")
    for timezone in ("Pacific/Auckland", "America/Los_Angeles"):
        kembridge.run("SELECT create_audit_partitions('2027-11-20', '2028-03-02')", TimeZone=timezone)
    assert kembridge.value("SELECT create_audit_partitions('2028-01-01', '2028-03-31')") == 0
    where = dict(kembridge.run("SELECT created_at::date::text, tableoid::regclass::text FROM audit_logs"))
    assert where == {"2028-01-15": "audit_logs_y2028m01", "2028-03-01": "audit_logs_y2028m03",
                     "2031-01-01": "audit_logs_default"}
    assert kembridge.run("SELECT * FROM audit_logs ORDER BY id") == before
    bound = "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'audit_logs_y2028m02'"
    assert "2028-02-01 00:00:00+00" in kembridge.value(bound) and "2028-03-01 00:00:00+00" in kembridge.value(bound)
    # Moved or new, they are as safe as the others, and indexed like them.
    for month in ("audit_logs_y2028m01", "audit_logs_default"):
        for statement in ("DELETE FROM {}", "UPDATE {} SET severity = 'debug'", "TRUNCATE {}"):
            assert refusal(kembridge.run, statement.format(month)).pgcode == errorcodes.INSUFFICIENT_PRIVILEGE
            assert refusal(kembridge.run, statement.format(month), role="postgres").pgcode == \
                errorcodes.RESTRICT_VIOLATION
        # The primary key and the others.
        assert kembridge.value("SELECT count(*) FROM pg_index WHERE indrelid = %s::regclass", [month]) == 9
    assert kembridge.value("SELECT to_regclass('audit_logs_stray')") is None


def test_two_who_make_months_at_once_make_each_once(kembridge):
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        made = list(pool.map(lambda n: kembridge.value("SELECT create_audit_partitions('2028-01-01', '2028-04-01')"), range(3)))
    assert sorted(made) == [0, 0, 4]


def test_months_are_archived_and_come_back(kembridge):
    for day in ("2024-01-05", "2024-02-29", "2024-02-03", "2024-03-01"):
        kembridge.value(LOG, [day + " 12:00+00"])
    before = kembridge.run("SELECT * FROM audit_logs ORDER BY id")
    archive = "SELECT archive_audit_partitions(%s)"
    assert kembridge.run(archive, ["2024-01-31"]) == [], "a month that is not over stays"
    assert [n for (n,) in kembridge.run(archive, ["2024-03-15"])] == ["audit_logs_y2024m01", "audit_logs_y2024m02"]
    assert kembridge.run(archive, ["2024-03-15"]) == []
    left = "SELECT count(*) FROM audit_logs WHERE event_type = 'test'"
    assert kembridge.value(left) == 1
    said = kembridge.run("SELECT event_data - 'role' FROM audit_logs WHERE event_type = 'audit_logs.archive' ORDER BY 1")
    assert [s for (s,) in said] == [{"month": "2024-01", "rows": 1}, {"month": "2024-02", "rows": 2}]
    month = "audit_archive.audit_logs_y2024m02"
    assert kembridge.value(f"SELECT count(*) FROM {month}", role="kembridge_auditor") == 2
    for role, code in ((None, errorcodes.INSUFFICIENT_PRIVILEGE), ("postgres", errorcodes.RESTRICT_VIOLATION)):
        for statement in ("DELETE FROM {}", "UPDATE {} SET severity = 'debug'", "TRUNCATE {}"):
            assert refusal(kembridge.run, statement.format(month), **({"role": role} if role else {})).pgcode == code
    for role in ("kembridge_app", "kembridge_risk"):
        assert refusal(kembridge.run, f"SELECT FROM {month}", role=role).pgcode == errorcodes.INSUFFICIENT_PRIVILEGE
    for name in ("audit_logs_y2024m02", "audit_logs_y2024m01"):
        kembridge.run("SELECT restore_audit_partition(%s)", [name])
    assert kembridge.run("SELECT * FROM audit_logs WHERE event_type = 'test' ORDER BY id") == before
    assert kembridge.value("SELECT count(*) FROM pg_tables WHERE schemaname = 'audit_archive'") == 0


def test_what_is_archived_is_not_lost_by_a_rollback(checkout):
    checkout.godwit("up")
    checkout.database.execute(LOG, ["2024-02-03 12:00+00"], user=KEMBRIDGE.owner)
    checkout.database.execute("SELECT archive_audit_partitions('2024-06-01')", user=KEMBRIDGE.owner)
    checkout.godwit("down", "--to", "23")
    assert checkout.database.value("SELECT tableoid::regclass::text FROM audit_logs WHERE event_type = 'test'") == "audit_logs_y2024m02"
    assert checkout.database.value("SELECT count(*) FROM pg_inherits WHERE inhparent = 'audit_logs'::regclass") == 49


# ---- rows for developers -----------------------------------------------------------------------


def test_developers_get_rows_and_others_do_not(checkout):
    checkout.godwit("up")
    assert 11 not in checkout.applied()
    assert checkout.database.value("SELECT count(*) FROM users") == 0


def test_the_rows_for_developers(checkout):
    database = checkout.database
    user = "postgres" if checkout.server.major < 13 else KEMBRIDGE.owner
    checkout.godwit("--url", database.url_for(user), "up", env="dev")
    assert checkout.applied() == KEMBRIDGE.versions()
    assert database.execute("SELECT DISTINCT octet_length(public_key), key_type FROM quantum_keys") == [(1568, "ml-kem-1024")]
    assert database.value("SELECT max(n) FROM (SELECT count(*) AS n FROM user_auth_methods GROUP BY user_id) AS w") == 2
    assert {s for (s,) in database.execute("SELECT status FROM transactions")} == {"pending", "locked", "confirmed"}
    # They live by the rules of every other row.
    assert database.value("SELECT expire_stuck_transactions()") == 1
    database.execute("SELECT cleanup_expired_sessions()")
    assert database.value("SELECT count(*) FROM audit_logs") == 3
    # And go, with what has come to hang at them, and come again.
    checkout.godwit("--url", database.url_for(user), "down", "--to", "10", "--allow-data-loss", env="dev")
    assert [database.value(f"SELECT count(*) FROM {t}") for t in ("users", "audit_logs", "transactions")] == [0, 0, 0]
    checkout.godwit("--url", database.url_for(user), "up", env="dev")


# ---- the page of defects -----------------------------------------------------------------------


def statements(text):
    """The statements of the seed: it ends a line with each, and quotes functions with $$."""
    made = ""
    for line in re.sub(r"--.*", "", text).splitlines(keepends=True):
        made += line
        if line.rstrip().endswith(";") and made.count("$$") % 2 == 0:
            yield made
            made = ""


def refused(database, wanted):
    """(statement, message) of those that fail."""
    said = []
    for statement in wanted:
        try:
            database.execute(statement)
        except psycopg2.Error as error:
            # PostgreSQL 12 speaks of the file instead.
            said.append((statement, re.sub(r"could not open extension control file .*/(\w+)\.control.*",
                                           r'extension "\1" is not available', error.diag.message_primary)))
    return said


def test_the_page_says_what_postgresql_says_of_the_seed_as_it_is(make_database):
    """Statement by statement in the seed's order, going on after those that fail."""
    database = make_database()
    first = refused(database, statements(SEED))
    disorder = {"function update_timestamp() does not exist", "function update_last_used_timestamp() does not exist",
                'relation "quantum_keys" does not exist'}
    assert {m for _, m in first} - disorder == {
        'extension "pg_crypto" is not available', 'relation "transactions" does not exist', 'relation "audit_logs" does not exist'}
    # Order cures these, and what hangs at them; two are wrong in themselves.
    last = refused(database, [statement for statement, _ in first])
    stubborn = {'extension "pg_crypto" is not available', '"audit_logs" is not partitioned'}
    assert {m for _, m in last} == stubborn
    for message in disorder | stubborn:
        assert message in PAGE


def run_on(database, statement):
    try:
        database.execute(statement)
    except psycopg2.Error as error:
        return error.diag.constraint_name or error.diag.message_primary
    return None


def test_what_the_page_says_of_the_seed_beyond_the_four_is_so(seed):
    """The seed mended of its four does all this without a word."""
    user = seed.value("INSERT INTO users DEFAULT VALUES RETURNING id")
    wallet = "INSERT INTO user_auth_methods (user_id, chain_type, wallet_address) VALUES (%s, 'ethereum', %s) RETURNING id"
    first = seed.value(wallet, [user, "0x" + "ab" * 20])
    assert seed.value(wallet, [user, "0x" + "AB" * 20]), "one wallet twice"
    money = ("INSERT INTO transactions (user_id, source_chain, destination_chain, source_token, destination_token, amount_in)"
             " VALUES (%s, 'near', 'ethereum', 'NEAR', 'ETH', %s) RETURNING amount_in::text")
    assert seed.value(money, [user, "NaN"]) == "NaN"
    assert seed.value(money, [user, "1.000000000000000000000009"]) == "1.000000000000000000"
    seed.execute("UPDATE transactions SET status = 'confirmed', completed_at = now()")
    seed.execute("UPDATE transactions SET status = 'pending', completed_at = NULL")
    seed.execute("UPDATE transactions SET amount_in = 7, created_at = NULL")
    assert seed.value("SELECT count(*) FROM transactions WHERE expires_at IS NULL") == 2, "no end"
    assert seed.value("SELECT count(*) FROM transactions WHERE updated_at <> created_at") == 0, "updated_at stands still"
    session = ("INSERT INTO user_sessions (user_id, auth_method_id, jwt_token_hash, expires_at)"
               " VALUES (%s, %s, %s, now() + interval '1 hour')")
    other = seed.value("INSERT INTO users DEFAULT VALUES RETURNING id")
    seed.execute(session, [other, first, "not a hash, but as long as one: this is the token itself, see?!!"[:64].ljust(64)])
    assert seed.value("INSERT INTO user_sessions (user_id, auth_method_id, jwt_token_hash, expires_at, created_at)"
                      " VALUES (%s, %s, %s, '2001-01-01', NULL) RETURNING expires_at < now()", [user, first, "0" * 64])
    seed.execute("UPDATE user_auth_methods SET signature_params = '7'")
    seed.execute("UPDATE transactions SET risk_factors = '[]', risk_score = NULL")
    key = seed.value("INSERT INTO quantum_keys (user_id, key_type, public_key, encrypted_private_key)"
                     " VALUES (%s, 'sphincs+', '', '') RETURNING id", [user])
    seed.execute("INSERT INTO transactions (user_id, source_chain, destination_chain, source_token, destination_token, amount_in,"
                 " quantum_key_id) VALUES (%s, 'near', 'ethereum', 'a', 'b', 1, %s)", [other, key])
    seed.execute("DELETE FROM transactions WHERE user_id = %s", [other])
    month = "SET timezone = 'Europe/Moscow'; CREATE TABLE m PARTITION OF audit_logs FOR VALUES FROM ('2024-{}-01') TO ('2024-{}-01')"
    assert "would overlap" in run_on(seed, month.format("02", "03"))
    seed.execute(month.format("03", "04"))
    assert "2024-02-29 21:00:00+00" in seed.value("SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'm'")
    seed.execute("INSERT INTO audit_logs (event_type, event_category, created_at) VALUES ('e', 'auth', '2024-01-15')")
    seed.execute("UPDATE audit_logs SET severity = 'debug'; DELETE FROM audit_logs")
    # Only the one month exists, so today's audit row has no place; and a NULL breaks the function.
    for call in ("SELECT create_audit_log(NULL, NULL, 'e', 'auth', '{}')", "SELECT create_audit_log(NULL, NULL, 'e', 'auth', NULL)"):
        assert re.search("no partition of relation|null value in column", run_on(seed, call))
    # All that hangs at a user goes with the user.
    seed.execute("INSERT INTO quantum_keys (user_id, key_type, public_key, encrypted_private_key) VALUES (%s, 'sphincs+', '', '')",
                 [other])
    seed.execute("DELETE FROM users WHERE id = %s", [other])
    assert seed.execute("SELECT id FROM quantum_keys") == [(key,)]
    # Foreign keys that no index serves.
    unserved = seed.execute("""
        SELECT c.conname FROM pg_constraint AS c
         WHERE c.contype = 'f' AND NOT (SELECT relispartition FROM pg_class WHERE oid = c.conrelid)
           AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])
         ORDER BY 1""")
    assert [n for (n,) in unserved] == ["transactions_quantum_key_id_fkey", "user_sessions_auth_method_id_fkey"]


def rules(godwit):
    return {r["rule"] for r in godwit("lint", "--list", "--json", code=0).json["rules"]}


def test_the_page_names_objects_that_exist(kembridge, godwit):
    """Constraints, indexes, functions in the page's column of what is there instead."""
    names = set(re.findall(r"`([a-z_0-9]{8,})(?:\(\))?`", PAGE.split("## What else")[1])) - rules(godwit)
    known = {n for (n,) in kembridge.database.execute(
        "SELECT conname FROM pg_constraint UNION SELECT relname FROM pg_class UNION SELECT proname FROM pg_proc"
        " UNION SELECT tgname FROM pg_trigger UNION SELECT attname FROM pg_attribute UNION SELECT extname FROM pg_extension"
        " UNION SELECT typname FROM pg_type")}
    assert len(names) > 10
    assert names - known == set()


def test_the_page_says_what_lint_says_of_the_seed(godwit):
    found = godwit("lint", "--json", DATA / "kembridge" / "seed.sql", code=3).json["findings"]
    errors = [f for f in found if f["severity"] == "error"]
    four = [row.split(" | ") for row in PAGE.split("## The four")[1].split("## ")[0].splitlines() if row.startswith("| ")][1:]
    assert len(four) == 4 and len(errors) == 5
    said = {}
    for row in four:
        rule, messages = re.fullmatch(r"`(\w+)`: (.*)", row[2]).groups()
        said[rule] = re.split(r", (?=function)|\. ", messages)
    assert {f["rule"] for f in errors} == set(said)
    for rule, messages in said.items():
        heard = [f"{f['message']} {f['hint']}" for f in errors if f["rule"] == rule]
        for message in messages:
            assert any(message in h for h in heard), (message, heard)
    # What the page names is what the linter finds, and nothing that it finds is left out.
    assert set(re.findall(r"`(\w+)`", PAGE)) & rules(godwit) == {f["rule"] for f in found}


def test_lint_has_nothing_to_say_of_the_migrations(bare_project):
    """But for what is ignored by name, with the reason: the design's own indexes, and what a partitioned table cannot do."""
    KEMBRIDGE.copy(bare_project.path)
    assert bare_project.godwit("lint", "--json", code=0).json["findings"] == []
    ignored = {}
    for file in (bare_project.path / "migrations").glob("*.up.sql"):
        for rule, reason in re.findall(r"^-- godwit: ignore (\w+) (.+)$", file.read_text(), re.M):
            ignored.setdefault(rule, set()).add(reason)
    assert set(ignored) == {"duplicate_index", "redundant_index", "index_column_constant", "add_foreign_key",
                            "foreign_key_without_index", "index_not_concurrent", "reaches_outside"}
    assert all(len(reason) > 20 for reasons in ignored.values() for reason in reasons)


# ---- init --from kembridge ---------------------------------------------------------------------


def test_a_project_starts_from_it(bare_project, server, binary):
    KEMBRIDGE.prepare(server)
    database = KEMBRIDGE.create_database(server)
    try:
        bare_project.godwit("init", "--from", "kembridge", code=0)
        bare_project.godwit("--env", "staging", "up", code=0, env={"STAGING_DATABASE_URL": database.url_for(KEMBRIDGE.owner)})
        assert database.value("SELECT count(*) FROM godwit.migrations") == len(EVERYWHERE)
        assert subprocess.run(["diff", "-r", "-x", ".godwit", KEMBRIDGE.folder, bare_project.path], check=False).returncode == 0
    finally:
        database.drop()
