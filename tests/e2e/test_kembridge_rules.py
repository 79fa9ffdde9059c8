"""KEMBridge's rules, each attacked: as the services' role, as the owner of the schema, as a superuser, and by
several at once."""
import concurrent.futures
import contextlib
import datetime

import pytest
from psycopg2 import errorcodes

from harness.examples import FIRST_TENANT, kembridge, refusal  # noqa: F401 (fixture)
from harness.waiting import until

APP, OWNER, ROOT = "kembridge_app", None, "postgres"
STATES = ["pending", "locked", "confirmed", "failed", "cancelled", "expired"]
LEGAL = {("pending", "locked"), ("locked", "confirmed"),
         *((a, b) for a in ("pending", "locked") for b in ("failed", "cancelled", "expired"))}
CHECK, RESTRICT, PRIVILEGE = (errorcodes.CHECK_VIOLATION, errorcodes.RESTRICT_VIOLATION,
                              errorcodes.INSUFFICIENT_PRIVILEGE)
FOREIGN, UNIQUE = errorcodes.FOREIGN_KEY_VIOLATION, errorcodes.UNIQUE_VIOLATION
TENANT = {"kembridge__tenant": FIRST_TENANT}


def at_once(count, call):
    """call(0) … call(count - 1), all together."""
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(call, range(count)))


# ---- transfers: states ------------------------------------------------------------------------


@pytest.mark.many
@pytest.mark.parametrize("role", [OWNER, APP])
@pytest.mark.parametrize("old", STATES)
def test_states_change_along_the_legal_ways_only(kembridge, old, role):
    user = kembridge.user()
    for new in STATES:
        transaction = kembridge.transaction(user, old)
        if (old, new) in LEGAL:
            kembridge.move(transaction, new, role=role, **TENANT)
            expected = new
        elif old == new and old in ("pending", "locked"):
            kembridge.move(transaction, new, role=role, **TENANT)
            expected = old
        else:
            error = refusal(kembridge.move, transaction, new, role=role, **TENANT)
            assert error.pgcode in (CHECK, RESTRICT), (old, new, error)
            expected = old
        status, completed = kembridge.run(
            "SELECT status, completed_at IS NOT NULL FROM transactions WHERE id = %s", [transaction])[0]
        assert (status, completed) == (expected, expected in ("confirmed", "failed", "cancelled"))


@pytest.mark.parametrize("status", STATES[1:])
def test_a_transfer_begins_as_pending(kembridge, status):
    user = kembridge.user()
    done = "now()" if status in ("confirmed", "failed", "cancelled") else "NULL"
    insert = ("INSERT INTO transactions (user_id, source_chain, destination_chain, source_token, destination_token,"
              f" amount_in, status, completed_at, status_reason) VALUES (%s, 'near', 'ethereum', 'a', 'b', 1, %s, {done}, 'r')")
    error = refusal(kembridge.run, insert, [user, status])
    assert error.pgcode == CHECK and f"begins as pending, not as {status}" in str(error)
    assert refusal(kembridge.app, insert, [user, status]).pgcode == PRIVILEGE


def test_states_that_are_none_and_times_that_lie_are_refused(kembridge):
    user = kembridge.user()
    transaction = kembridge.transaction(user)
    for status in ("done", "", "PENDING"):
        assert refusal(kembridge.move, transaction, status).pgcode == CHECK
    assert refusal(kembridge.move, transaction, None).pgcode in (errorcodes.NOT_NULL_VIOLATION, CHECK)
    # Not over, and yet with a time of completion: the seed's own check.
    error = refusal(kembridge.run, "UPDATE transactions SET completed_at = now() WHERE id = %s", [transaction])
    assert error.diag.constraint_name == "transactions_completion_logic"
    # A completion in the past is written as now.
    kembridge.move(transaction, "locked")
    kembridge.run("UPDATE transactions SET status = 'confirmed', completed_at = '2001-01-01' WHERE id = %s",
                  [transaction])
    assert kembridge.value("SELECT now() - completed_at < interval '1 minute' FROM transactions WHERE id = %s",
                           [transaction])


FACTS = {"id": "uuid_generate_v4()", "user_id": "(SELECT id FROM users WHERE username = 'somebody')",
         "tenant_id": "(SELECT id FROM tenants WHERE name = 'other')", "source_chain": "destination_chain",
         "destination_chain": "source_chain", "source_token": "'DAI'", "destination_token": "'DAI'",
         "amount_in": "amount_in + 0.000000000000000000000001", "created_at": "created_at - interval '1 day'",
         "expires_at": "expires_at + interval '1 day'", "source_address": "'0x' || repeat('0', 40)",
         "destination_address": "'x.near'"}
ONCE = {"amount_out": ("2", "3"), "source_tx_hash": ("'0xa'", "'0xb'"), "destination_tx_hash": ("'c'", "'d'"),
        "encrypted_data": (r"'\x01'", r"'\x02'")}
PROGRESS = {"status", "status_reason", "completed_at", "updated_at", "risk_score", "risk_factors"}


def test_what_a_transfer_is_about_never_changes(kembridge):
    kembridge.user(name="somebody")
    user = kembridge.user()
    columns = set(kembridge.database.columns("transactions"))
    # Every column is one that this test knows.
    assert columns == {*FACTS, *ONCE, *PROGRESS, "quantum_key_id"}
    transaction = kembridge.transaction(user, source_address="'0x' || repeat('a', 40)", destination_address="'a.near'")
    for column, value in FACTS.items():
        for role in (OWNER, ROOT):
            error = refusal(kembridge.run, f"UPDATE transactions SET {column} = {value} WHERE id = %s",
                            [transaction], role)
            assert error.pgcode == RESTRICT and column in str(error), (column, error)
        error = refusal(kembridge.app, f"UPDATE transactions SET {column} = {value} WHERE id = %s", [transaction])
        assert error.pgcode == PRIVILEGE, (column, error)


def test_what_becomes_known_is_written_once(kembridge):
    user = kembridge.user()
    transaction = kembridge.transaction(user)
    keys = [kembridge.key(user), kembridge.key(user)]
    for column, (first, second) in {**ONCE, "quantum_key_id": [f"'{k}'" for k in keys]}.items():
        assert kembridge.app(f"UPDATE transactions SET {column} = {first} WHERE id = %s", [transaction]) == 1
        for value in (second, "NULL"):
            error = refusal(kembridge.app, f"UPDATE transactions SET {column} = {value} WHERE id = %s", [transaction])
            assert error.pgcode == RESTRICT and column in str(error)
        assert kembridge.app(f"UPDATE transactions SET {column} = {first} WHERE id = %s", [transaction]) == 1


@pytest.mark.parametrize("status", ["confirmed", "failed", "cancelled", "expired"])
def test_nothing_changes_once_it_is_over(kembridge, status):
    transaction = kembridge.transaction(kembridge.user(), status)
    before = kembridge.run("SELECT * FROM transactions")
    for change in ("amount_out = 9", "risk_score = 0", "status_reason = 'no: another'", "updated_at = now()",
                   "source_tx_hash = '0x1'", "completed_at = NULL"):
        for role in (OWNER, ROOT):
            error = refusal(kembridge.run, f"UPDATE transactions SET {change} WHERE id = %s", [transaction], role)
            assert error.pgcode == RESTRICT and f"is {status}" in str(error)
    assert kembridge.run("SELECT * FROM transactions") == before


@pytest.mark.parametrize("status", ["failed", "cancelled", "expired"])
def test_a_rollback_needs_its_reason_and_is_recorded(kembridge, status):
    for old in ("pending", "locked"):
        transaction = kembridge.transaction(kembridge.user(), old)
        for reason in (None, "", "  "):
            error = refusal(kembridge.move, transaction, status, reason, role=APP, **TENANT)
            assert error.diag.constraint_name == "transactions_rollback_has_reason"
        kembridge.move(transaction, status, "the destination chain was down", role=APP, **TENANT)
        assert kembridge.run("SELECT from_status, to_status, reason, recorded_by FROM transaction_rollbacks"
                             " WHERE transaction_id = %s", [transaction]) == [
            (old, status, "the destination chain was down", kembridge.logins[APP])]


def test_rolling_back_by_the_function(kembridge):
    transaction = kembridge.transaction(kembridge.user(), "locked")
    call = "SELECT rollback_transaction(%s, %s, %s)"
    assert refusal(kembridge.app, call, [transaction, "why", "confirmed"]).pgcode == \
        errorcodes.INVALID_PARAMETER_VALUE
    assert refusal(kembridge.app, call, [transaction, None, "failed"]).pgcode == CHECK
    # One of another tenant is not there.
    error = refusal(kembridge.app, call, [transaction, "why", "failed"], tenant=kembridge.other_tenant)
    assert error.pgcode == errorcodes.NO_DATA_FOUND
    kembridge.app("SELECT rollback_transaction(%s, 'bridge stopped')", [transaction])
    assert kembridge.run("SELECT status, status_reason FROM transactions") == [("failed", "bridge stopped")]
    assert refusal(kembridge.app, call, [transaction, "again", "cancelled"]).pgcode == RESTRICT


def test_one_of_two_who_end_a_transfer_at_once_wins(kembridge):
    transaction = kembridge.transaction(kembridge.user(), "locked")
    ways = ["confirmed", "failed", "cancelled", "expired"] * 2

    def end(n):
        try:
            kembridge.move(transaction, ways[n], role=APP, **TENANT)
            return ways[n]
        except Exception as error:  # noqa: BLE001 (what it was is asserted below)
            assert getattr(error, "pgcode", None) == RESTRICT, error
            return None

    (winner,) = filter(None, at_once(len(ways), end))
    assert kembridge.value("SELECT status FROM transactions") == winner
    assert kembridge.value("SELECT count(*) FROM transaction_rollbacks") == (winner != "confirmed")


# ---- transfers: timeouts ----------------------------------------------------------------------

PAST = {"created_at": "now() - interval '2 hours'", "expires_at": "now() - interval '1 minute'"}


def test_stuck_transfers_expire_with_the_reason(kembridge):
    user = kembridge.user()
    fresh = kembridge.transaction(user)
    late = kembridge.transaction(user, **PAST)
    # Locked in time, then nothing came.
    stuck = kembridge.transaction(user, "locked", created_at="now() - interval '1 hour'",
                                  expires_at="clock_timestamp() + interval '3 seconds'")
    until(lambda: kembridge.value("SELECT expires_at < now() FROM transactions WHERE id = %s", [stuck]), 20)
    failed = kembridge.transaction(user, "failed", **PAST)

    assert kembridge.value("SELECT expire_stuck_transactions()") == 2
    assert kembridge.value("SELECT expire_stuck_transactions()") == 0
    states = dict(kembridge.run("SELECT id, status FROM transactions"))
    assert states == {fresh: "pending", late: "expired", stuck: "expired", failed: "failed"}
    assert kembridge.run("SELECT reason FROM transaction_rollbacks WHERE transaction_id IN (%s, %s) ORDER BY 1",
                         [late, stuck]) == [("timed out while locked",), ("timed out while pending",)]
    assert kembridge.value("SELECT count(*) FROM transactions WHERE status = 'expired' AND completed_at IS NULL") == 2


def test_what_has_timed_out_can_no_longer_be_locked(kembridge):
    transaction = kembridge.transaction(kembridge.user(), **PAST)
    error = refusal(kembridge.move, transaction, "locked", role=APP, **TENANT)
    assert error.pgcode == CHECK and "has timed out" in str(error)


def test_a_transfer_always_has_an_end(kembridge):
    user = kembridge.user()
    transaction = kembridge.transaction(user)
    assert kembridge.value("SELECT expires_at = created_at + interval '1 hour' FROM transactions WHERE id = %s",
                           [transaction])
    assert refusal(kembridge.transaction, user, expires_at="NULL").pgcode == errorcodes.NOT_NULL_VIOLATION
    assert refusal(kembridge.transaction, user, expires_at="now() - interval '1 day'").pgcode == CHECK


def test_several_expire_at_once_and_none_twice(kembridge):
    user = kembridge.user()
    for _ in range(30):
        kembridge.transaction(user, **PAST)
    counts = at_once(6, lambda n: kembridge.app_value("SELECT expire_stuck_transactions(10)"))
    rest = kembridge.value("SELECT expire_stuck_transactions()")
    assert sum(counts) + rest == 30
    assert kembridge.value("SELECT count(*) FROM transaction_rollbacks") == 30


def test_one_that_somebody_is_at_is_left_for_the_next_time(kembridge):
    user = kembridge.user()
    held, free = (kembridge.transaction(user, **PAST) for _ in range(2))
    with contextlib.closing(kembridge.connect(autocommit=False)) as session, session.cursor() as cursor:
        cursor.execute("SELECT FROM transactions WHERE id = %s FOR UPDATE", [held])
        assert kembridge.value("SELECT expire_stuck_transactions()") == 1
        assert kembridge.value("SELECT status FROM transactions WHERE id = %s", [free]) == "expired"
        session.rollback()  # a server hears late of a session that is only closed
    assert kembridge.value("SELECT expire_stuck_transactions()") == 1


# ---- what is there for ever -------------------------------------------------------------------


@pytest.fixture
def filled(kembridge):
    """One row and more in every table."""
    user = kembridge.user()
    kembridge.key(user)
    kembridge.session(user)
    kembridge.transaction(user, "failed")
    kembridge.run("SELECT create_audit_log(%s, NULL, 'login', 'auth', '{}')", [user])
    kembridge.app("SELECT use_nonce('near', 'a.near', issue_nonce('near', 'a.near'))")
    return kembridge


KEPT = ["audit_logs", "transactions", "transaction_rollbacks", "quantum_keys"]


def partitions(schema):
    return [name for (name,) in schema.run("SELECT inhrelid::regclass::text FROM pg_inherits"
                                           " WHERE inhparent = 'audit_logs'::regclass ORDER BY 1")]


def with_rows(schema):
    return [p for p in partitions(schema) if schema.value(f"SELECT count(*) FROM {p}")]


@pytest.mark.many
@pytest.mark.parametrize("table", KEPT)
@pytest.mark.parametrize("form", ["DELETE FROM {}", "TRUNCATE {}", "TRUNCATE {} CASCADE"])
def test_kept_rows_cannot_be_removed(filled, table, form):
    statement = form.format(table)
    count = filled.value(f"SELECT count(*) FROM {table}")
    assert count
    assert refusal(filled.app, statement).pgcode == PRIVILEGE
    assert refusal(filled.run, statement).pgcode == PRIVILEGE
    # Who owns it may grant it back, and a superuser needs no grant: the trigger is there still.
    filled.run(f"GRANT ALL ON {table} TO CURRENT_USER")
    for role in (OWNER, ROOT):
        error = refusal(filled.run, statement, role=role)
        expected = {RESTRICT}
        if form == "TRUNCATE {}":
            expected.add(errorcodes.FEATURE_NOT_SUPPORTED)  # another table refers to it: no trigger is asked
        if "TRUNCATE" in form and role == OWNER:
            expected.add(PRIVILEGE)  # on the next table, or on a month
        assert error.pgcode in expected, error
    error = refusal(filled.run, statement, role=ROOT, session_replication_role="replica")
    assert error.pgcode in (RESTRICT, errorcodes.FEATURE_NOT_SUPPORTED)
    assert filled.value(f"SELECT count(*) FROM {table}") == count


@pytest.mark.parametrize("table, change", [
    ("audit_logs", "severity = 'debug'"), ("audit_logs", "created_at = created_at - interval '1 month'"),
    ("audit_logs", "event_data = '{}'"), ("transaction_rollbacks", "reason = 'another'")])
def test_audit_rows_cannot_be_altered(filled, table, change):
    before = filled.run(f"SELECT * FROM {table} ORDER BY 1")
    statement = f"UPDATE {table} SET {change}"
    assert refusal(filled.app, statement).pgcode == PRIVILEGE
    assert refusal(filled.run, statement).pgcode == PRIVILEGE
    filled.run(f"GRANT ALL ON {table} TO CURRENT_USER")
    for role in (OWNER, ROOT):
        assert refusal(filled.run, statement, role=role).pgcode == RESTRICT
    assert refusal(filled.run, statement, role=ROOT, session_replication_role="replica").pgcode == RESTRICT
    assert filled.run(f"SELECT * FROM {table} ORDER BY 1") == before


def test_the_months_of_the_audit_are_guarded_one_by_one(filled):
    (month,) = with_rows(filled)
    for statement in ("DELETE FROM {}", "UPDATE {} SET severity = 'debug'", "TRUNCATE {}"):
        statement = statement.format(month)
        assert refusal(filled.app, statement).pgcode == PRIVILEGE
        assert refusal(filled.run, statement).pgcode == PRIVILEGE
        assert refusal(filled.run, statement, role=ROOT).pgcode == RESTRICT
        assert refusal(filled.run, statement, role=ROOT, session_replication_role="replica").pgcode == RESTRICT
    # Every month, and the default one.
    unguarded = filled.run("""
        SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
         WHERE i.inhparent = 'audit_logs'::regclass
           AND (NOT EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = c.oid AND t.tgenabled = 'A'
                               AND t.tgname = 'audit_logs_no_change')
                OR has_table_privilege(c.relowner, c.oid, 'UPDATE') OR has_table_privilege(c.relowner, c.oid, 'DELETE')
                OR has_table_privilege(c.relowner, c.oid, 'TRUNCATE'))""")
    assert unguarded == []
    assert len(partitions(filled)) == 49


def test_whom_critical_rows_hang_at_cannot_be_deleted(filled):
    for table in ("users", "user_auth_methods", "tenants"):
        for role in (OWNER, ROOT):
            assert refusal(filled.run, f"DELETE FROM {table}", role=role).pgcode in (RESTRICT, FOREIGN)
            error = refusal(filled.run, f"TRUNCATE {table} CASCADE", role=role)
            assert error.pgcode in (RESTRICT, PRIVILEGE)
    # In the catalog too: nothing cascades.
    assert filled.run("SELECT conrelid::regclass, conname FROM pg_constraint"
                      " WHERE contype = 'f' AND confdeltype NOT IN ('r', 'a')") == []


def test_keys_keep_their_public_half_and_their_owner(kembridge):
    user, other = kembridge.user(), kembridge.user()
    key = kembridge.key(user)
    for change in ("public_key = decode(repeat('00', 1568), 'hex')", f"user_id = '{other}'",
                   "created_at = now() - interval '1 day'", "key_type = 'sphincs+'"):
        for role in (OWNER, ROOT):
            assert refusal(kembridge.run, f"UPDATE quantum_keys SET {change}", role=role).pgcode == RESTRICT
        assert refusal(kembridge.app, f"UPDATE quantum_keys SET {change}").pgcode == PRIVILEGE
    # The private half may be encrypted anew, a key may be switched off: for good.
    assert kembridge.app(r"UPDATE quantum_keys SET encrypted_private_key = '\x01'") == 1
    assert kembridge.app("UPDATE quantum_keys SET is_active = false WHERE id = %s", [key]) == 1
    assert refusal(kembridge.app, "UPDATE quantum_keys SET is_active = true").pgcode == RESTRICT


@pytest.mark.parametrize("size", [0, 1567, 1569, 3168])
def test_public_keys_of_the_wrong_size_are_refused(kembridge, size):
    error = refusal(kembridge.key, kembridge.user(), public_key=f"decode(repeat('ab', {size}), 'hex')")
    assert error.diag.constraint_name == "quantum_keys_key_sizes"


# ---- the audit ---------------------------------------------------------------------------------


def test_every_change_of_money_keys_and_sessions_is_audited(kembridge):
    user = kembridge.user()
    wallet = kembridge.wallet(user)
    key, session = kembridge.key(user), kembridge.session(user, wallet)
    transaction = kembridge.transaction(user, "confirmed", quantum_key_id=f"'{key}'")
    kembridge.app("UPDATE quantum_keys SET is_active = false")
    kembridge.app("UPDATE user_sessions SET last_activity_at = now()")
    kembridge.run("DELETE FROM user_sessions")

    rows = kembridge.run("SELECT event_type, event_category, severity, user_id, transaction_id, event_data ->> 'id'"
                         " FROM audit_logs ORDER BY created_at, event_type")
    finance = ("finance", "info", user, transaction, transaction)
    assert sorted(rows) == sorted([
        ("quantum_keys.insert", "security", "info", user, None, key),
        ("user_sessions.insert", "auth", "info", user, None, session),
        ("transactions.insert", *finance), ("transactions.update", *finance), ("transactions.update", *finance),
        ("quantum_keys.update", "security", "info", user, None, key),
        ("user_sessions.update", "auth", "info", user, None, session),
        ("user_sessions.delete", "auth", "warning", user, None, session)])
    locked, confirmed = kembridge.events("transactions.update")
    assert {locked["new"]["status"], confirmed["new"]["status"]} == {"locked", "confirmed"}
    off, = kembridge.events("quantum_keys.update")
    assert (off["changed"], off["old"], off["new"]) == (["is_active"], {"is_active": True}, {"is_active": False})
    assert off["role"] == kembridge.logins[APP]


def test_the_audit_has_no_secret_in_it(kembridge):
    user = kembridge.user()
    token = "5ec2e7" * 10 + "abcd"
    kembridge.key(user)
    kembridge.session(user, token=token, session_data="""'{"csrf": "very-secret"}'""")
    kembridge.transaction(user, encrypted_data=r"'\x5ec2e75ec2e7'")
    kembridge.app(r"UPDATE quantum_keys SET encrypted_private_key = '\x5ec2e75ec2e7'")
    text = kembridge.value("SELECT string_agg(a::text, ' ') FROM audit_logs AS a")
    for secret in ("5ec2e7", "very-secret", "abab", "cdcd", token):
        assert secret not in text
    # That it changed is said.
    assert kembridge.events("quantum_keys.update")[0]["changed"] == ["encrypted_private_key"]
    assert "jwt_token_hash" in kembridge.events("user_sessions.insert")[0]["changed"]


def test_an_audit_row_shares_the_fate_of_its_change(kembridge):
    user = kembridge.user()
    with contextlib.closing(kembridge.connect(autocommit=False)) as session, session.cursor() as cursor:
        cursor.execute("INSERT INTO quantum_keys (user_id, public_key, encrypted_private_key) VALUES"
                       " (%s, decode(repeat('ab', 1568), 'hex'), '')", [user])
        cursor.execute("SELECT count(*) FROM audit_logs")
        assert cursor.fetchone() == (1,)
        session.rollback()
    assert kembridge.value("SELECT count(*) FROM audit_logs") == 0
    # And where no audit row can be written, nothing changes.
    kembridge.run("ALTER TABLE audit_logs ADD CONSTRAINT full_up CHECK (event_type <> 'quantum_keys.insert')")
    assert refusal(kembridge.key, user).diag.constraint_name == "full_up"
    assert kembridge.value("SELECT count(*) FROM quantum_keys") == 0


def test_the_audit_says_where_a_request_came_from(kembridge):
    user = kembridge.user()
    kembridge.session(user)
    kembridge.app("UPDATE user_sessions SET is_active = false", kembridge__ip_address="2001:db8::7",
                  kembridge__user_agent="Firefox")
    assert kembridge.run("SELECT host(ip_address), user_agent FROM audit_logs WHERE event_type = 'user_sessions.update'") \
        == [("2001:db8::7", "Firefox")]


def test_sessions_cannot_be_emptied_past_the_audit(filled):
    for role in (OWNER, ROOT):
        assert refusal(filled.run, "TRUNCATE user_sessions", role=role).pgcode in \
            (RESTRICT, errorcodes.FEATURE_NOT_SUPPORTED)
        assert refusal(filled.run, "TRUNCATE user_sessions CASCADE", role=role).pgcode == RESTRICT


def test_create_audit_log(kembridge):
    user = kembridge.user()
    call = "SELECT create_audit_log(%s, NULL, 'login', %s, %s, '10.0.0.1', 'curl', %s)"
    made = kembridge.app_value(call, [user, "auth", '{"a": 1}', "warning"])
    assert kembridge.run("SELECT id, tenant_id, user_id, event_type, severity, host(ip_address) FROM audit_logs") == [
        (made, FIRST_TENANT, user, "login", "warning", "10.0.0.1")]
    assert kembridge.app_value("SELECT create_audit_log(NULL, NULL, 'start', 'system', NULL)")
    for arguments, constraint in (([user, "moon", "{}", "info"], "audit_logs_valid_category"),
                                  ([user, "auth", "{}", "loud"], "audit_logs_valid_severity"),
                                  ([user, "auth", "[]", "info"], "audit_logs_event_data_is_object")):
        assert refusal(kembridge.app, call, arguments).diag.constraint_name == constraint


def test_a_service_cannot_pretend_what_the_triggers_say(kembridge):
    user = kembridge.user()
    for event in ("transactions.update", "quantum_keys.delete"):
        error = refusal(kembridge.app, "SELECT create_audit_log(%s, NULL, %s, 'finance', '{}')", [user, event])
        assert error.pgcode == PRIVILEGE and "row-level security" in str(error)
    for columns, values in (("id", "uuid_generate_v4()"), ("created_at", "'2024-01-01'")):
        error = refusal(kembridge.app, f"INSERT INTO audit_logs ({columns}, event_type, event_category)"
                                       f" VALUES ({values}, 'login', 'auth')")
        assert error.pgcode == PRIVILEGE


# ---- users, wallets ---------------------------------------------------------------------------


def test_a_user_has_several_wallets_and_a_wallet_one_user(kembridge):
    user, other = kembridge.user(), kembridge.user()
    address = "0xAbCdEf" + "0" * 34
    for chain, wallet in (("ethereum", address), ("near", "a.near"), ("near", "b.near"), ("ethereum", "0x" + "1" * 40)):
        kembridge.wallet(user, chain, wallet)
    assert kembridge.value("SELECT count(*) FROM user_auth_methods WHERE user_id = %s", [user]) == 4
    for chain, wallet in (("ethereum", address), ("ethereum", address.lower()), ("ethereum", "0x" + address[2:].upper()),
                          ("near", "a.near")):
        for owner in (user, other):
            assert refusal(kembridge.wallet, owner, chain, wallet).pgcode == UNIQUE
    for chain, wallet in (("ethereum", "0x123"), ("ethereum", "a.near"), ("near", "ab"), ("solana", "abc")):
        assert refusal(kembridge.wallet, other, chain, wallet).pgcode == CHECK


def test_what_belongs_to_another_user_cannot_be_used(kembridge):
    mine, theirs = kembridge.user(), kembridge.user()
    wallet, key = kembridge.wallet(theirs), kembridge.key(theirs)
    assert refusal(kembridge.session, mine, wallet).diag.constraint_name == "sessions_own_wallet_fkey"
    error = refusal(kembridge.transaction, mine, quantum_key_id=f"'{key}'")
    assert error.diag.constraint_name == "transactions_own_key_fkey"


def test_timestamps_are_kept_by_triggers(kembridge):
    user = kembridge.user()
    wallet, transaction = kembridge.wallet(user), kembridge.transaction(user)
    for table, column, row, change in (("users", "updated_at", user, "profile_data = '{\"a\": 1}'"),
                                       ("user_auth_methods", "last_used_at", wallet, "is_verified = true"),
                                       ("transactions", "updated_at", transaction, "source_tx_hash = '0x1'")):
        before = kembridge.value(f"SELECT {column} FROM {table} WHERE id = %s", [row])
        kembridge.app(f"UPDATE {table} SET {change} WHERE id = %s", [row])
        after = kembridge.value(f"SELECT {column} FROM {table} WHERE id = %s", [row])
        assert after > before and after.utcoffset() == datetime.timedelta(0)
    # What a client says of it is not believed.
    kembridge.app("UPDATE user_auth_methods SET last_used_at = '2001-01-01'")
    assert kembridge.value("SELECT last_used_at > now() - interval '1 minute' FROM user_auth_methods")


def test_amounts_of_both_chains_are_kept_exactly(kembridge):
    user = kembridge.user()
    for amount in ("0.000000000000000000000001", "999999999999999999.999999999999999999999999"):
        transaction = kembridge.transaction(user, amount_in=amount)
        assert kembridge.value("SELECT amount_in::text FROM transactions WHERE id = %s", [transaction]) == amount
    for amount in ("0", "-1", "'NaN'", "1000000000000000000"):
        assert refusal(kembridge.transaction, user, amount_in=amount).pgcode in (
            CHECK, errorcodes.NUMERIC_VALUE_OUT_OF_RANGE), amount


# ---- sessions ----------------------------------------------------------------------------------


def tokens(n):
    return [f"{i:064x}" for i in range(1, n + 1)]


def rotate(kembridge, old, new, **options):
    return kembridge.app_value("SELECT rotate_session(%s, %s)", [old, new], **options)


def test_a_token_is_exchanged_for_a_new_one(kembridge):
    user = kembridge.user()
    a, b, c = tokens(3)
    first = kembridge.session(user, token=a, session_data="""'{"theme": "dark"}'""")
    second = rotate(kembridge, a, b)
    assert kembridge.run("SELECT id, is_active, rotated_from, user_id, session_data FROM user_sessions"
                         " ORDER BY is_active") == [
        (first, False, None, user, {"theme": "dark"}), (second, True, first, user, {"theme": "dark"})]
    assert rotate(kembridge, b, c)
    assert rotate(kembridge, "0" * 64, "f" * 64) is None
    assert kembridge.value("SELECT count(*) FROM user_sessions WHERE is_active") == 1


def test_a_token_that_comes_again_ends_all_that_came_of_it(kembridge):
    user = kembridge.user()
    wallet = kembridge.wallet(user)
    a, b, c, d, apart = tokens(5)
    first = kembridge.session(user, wallet, a)
    kembridge.session(user, wallet, apart)
    rotate(kembridge, a, b)
    rotate(kembridge, b, c)
    assert rotate(kembridge, a, d) is None
    active = [t for (t,) in kembridge.run("SELECT jwt_token_hash FROM user_sessions WHERE is_active")]
    assert active == [apart]
    assert kembridge.run("SELECT severity, event_data FROM audit_logs WHERE event_type = 'session_token_reused'") == [
        ("critical", {"session": first})]
    assert rotate(kembridge, c, d) is None


def test_a_session_that_has_ended_stays_ended(kembridge):
    user = kembridge.user()
    a, b = tokens(2)
    kembridge.session(user, token=a, created_at="now() - interval '2 hours'", expires_at="now() - interval '1 hour'")
    assert rotate(kembridge, a, b) is None
    kembridge.app("SELECT cleanup_expired_sessions()")
    assert kembridge.value("SELECT is_active FROM user_sessions") is False
    for change in ("is_active = true", "expires_at = now() + interval '1 day'", f"jwt_token_hash = '{b}'",
                   "rotated_from = id"):
        for role in (OWNER, ROOT):
            assert refusal(kembridge.run, f"UPDATE user_sessions SET {change}", role=role).pgcode == RESTRICT


def test_of_many_who_exchange_a_token_at_once_one_gets_a_session(kembridge):
    first, *others = tokens(9)
    kembridge.session(kembridge.user(), token=first)
    made = at_once(8, lambda n: rotate(kembridge, first, others[n]))
    assert len([m for m in made if m]) == 1
    # The other seven showed a token that had been exchanged.
    assert kembridge.value("SELECT count(*) FROM user_sessions WHERE is_active") == 0
    assert kembridge.value("SELECT count(*) FROM audit_logs WHERE severity = 'critical'") == 7


def test_a_session_cannot_follow_a_strangers(kembridge):
    mine, theirs = kembridge.user(), kembridge.user()
    session = kembridge.session(theirs)
    assert refusal(kembridge.session, mine, rotated_from=f"'{session}'").pgcode == CHECK
    wallet = kembridge.wallet(mine)
    open_session = kembridge.session(mine, wallet)
    assert refusal(kembridge.session, mine, wallet, rotated_from=f"'{open_session}'").pgcode == CHECK


@pytest.mark.parametrize("token", ["a" * 63, "a" * 65, "g" * 64, "A" * 64, ""])
def test_only_hashes_are_kept(kembridge, token):
    user = kembridge.user()
    wallet = kembridge.wallet(user)
    assert refusal(kembridge.run, "INSERT INTO user_sessions (user_id, auth_method_id, jwt_token_hash, expires_at)"
                                  " VALUES (%s, %s, %s, now() + interval '1 hour')", [user, wallet, token]).pgcode == CHECK


def test_expired_sessions_are_cleaned_up_and_others_left(kembridge):
    user = kembridge.user()
    past = {"created_at": "now() - interval '2 hours'", "expires_at": "now() - interval '1 hour'"}
    old, new = kembridge.session(user, **past), kembridge.session(user)
    kembridge.run("SELECT cleanup_expired_sessions()")
    assert dict(kembridge.run("SELECT id, is_active FROM user_sessions")) == {old: False, new: True}


# ---- nonces ------------------------------------------------------------------------------------

USE = "SELECT use_nonce(%s, %s, %s)"


def test_a_nonce_is_good_once(kembridge):
    wallet = "0x" + "aB" * 20
    nonce = kembridge.app_value("SELECT issue_nonce('ethereum', %s)", [wallet])
    assert len(nonce) == 64
    for wrong in (["near", wallet, nonce], ["ethereum", "0x" + "00" * 20, nonce], ["ethereum", wallet, "0" * 64]):
        assert kembridge.app_value(USE, wrong) is False
    assert kembridge.app_value(USE, ["ethereum", wallet, nonce], tenant=kembridge.other_tenant) is False
    assert kembridge.app_value(USE, ["ethereum", wallet.lower(), nonce]) is True
    assert kembridge.app_value(USE, ["ethereum", wallet, nonce]) is False


def test_of_many_who_use_a_nonce_at_once_one_may(kembridge):
    nonce = kembridge.app_value("SELECT issue_nonce('near', 'a.near')")
    assert sorted(at_once(12, lambda n: kembridge.app_value(USE, ["near", "a.near", nonce]))) == [False] * 11 + [True]


def test_a_nonce_cannot_be_made_good_again(kembridge):
    nonce = kembridge.app_value("SELECT issue_nonce('near', 'a.near')")
    assert kembridge.app_value(USE, ["near", "a.near", nonce])
    for statement in ("UPDATE auth_nonces SET used_at = NULL", "UPDATE auth_nonces SET used_at = now()",
                      "UPDATE auth_nonces SET nonce = repeat('0', 64)", "DELETE FROM auth_nonces"):
        for role in (OWNER, ROOT):
            assert refusal(kembridge.run, statement, role=role).pgcode == RESTRICT
        assert refusal(kembridge.run, statement, role=ROOT, session_replication_role="replica").pgcode == RESTRICT
    for role in (OWNER, ROOT):
        assert refusal(kembridge.run, "TRUNCATE auth_nonces", role=role).pgcode == RESTRICT
    again = "INSERT INTO auth_nonces (nonce, chain_type, wallet_address) VALUES (%s, 'near', 'a.near')"
    assert refusal(kembridge.run, again, [nonce]).pgcode == UNIQUE
    # Nor may a service choose its nonces, or their time.
    assert refusal(kembridge.app, again, ["1" * 64]).pgcode == PRIVILEGE
    assert refusal(kembridge.app, "INSERT INTO auth_nonces (chain_type, wallet_address, expires_at)"
                                  " VALUES ('near', 'a.near', now() + interval '1 year')").pgcode == PRIVILEGE


def test_a_nonce_expires_and_is_swept_only_unused(kembridge):
    old = {"created_at": "now() - interval '1 hour'", "expires_at": "now() - interval '1 minute'"}
    insert = (f"INSERT INTO auth_nonces (chain_type, wallet_address, {', '.join(old)}, used_at)"
              f" VALUES ('near', 'a.near', {', '.join(old.values())}, %s) RETURNING nonce")
    used_in_time = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=30)
    late, used = kembridge.value(insert, [None]), kembridge.value(insert, [used_in_time])
    fresh = kembridge.app_value("SELECT issue_nonce('near', 'a.near')")
    assert kembridge.app_value(USE, ["near", "a.near", late]) is False
    kembridge.app("SELECT cleanup_expired_nonces()")
    assert {n for (n,) in kembridge.run("SELECT nonce FROM auth_nonces")} == {used, fresh}
