"""KEMBridge's tenants, roles and risk: who sees what, who may write what, what behaviour makes of a score."""
import concurrent.futures
import decimal

import pytest
from psycopg2 import errorcodes

from harness.examples import FIRST_TENANT, kembridge, refusal  # noqa: F401 (fixture)

APP, RISK, AUDITOR = "kembridge_app", "kembridge_risk", "kembridge_auditor"
PRIVILEGE, CHECK, UNIQUE = (errorcodes.INSUFFICIENT_PRIVILEGE, errorcodes.CHECK_VIOLATION,
                            errorcodes.UNIQUE_VIOLATION)
TABLES = ["users", "user_auth_methods", "user_sessions", "quantum_keys", "transactions", "transaction_rollbacks",
          "audit_logs", "auth_nonces"]


@pytest.fixture
def two_tenants(kembridge):
    """The same rows in each of the two tenants; {tenant: user}."""
    users = {}
    for tenant in (kembridge.tenant, kembridge.other_tenant):
        user = users[tenant] = kembridge.user(tenant)
        kembridge.session(user)
        kembridge.key(user)
        kembridge.transaction(user, "failed")
        kembridge.transaction(user)
        kembridge.app("SELECT issue_nonce('near', 'a.near')", tenant=tenant)
    return users


# ---- tenants -----------------------------------------------------------------------------------


def test_a_service_sees_its_tenant_only(kembridge, two_tenants):
    for tenant in two_tenants:
        for table in TABLES:
            seen = {t for (t,) in kembridge.app(f"SELECT tenant_id FROM {table}", tenant=tenant)}
            assert seen == {tenant}, table
        assert kembridge.app("SELECT id FROM tenants", tenant=tenant) == [(tenant,)]
    assert set(TABLES) == {t for (t,) in kembridge.run(
        "SELECT attrelid::regclass::text FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid"
        " WHERE attname = 'tenant_id' AND c.relkind IN ('r', 'p') AND NOT c.relispartition")}


@pytest.mark.parametrize("tenant", [None, "00000000-0000-0000-0000-00000000dead"])
def test_without_a_tenant_there_is_nothing(kembridge, two_tenants, tenant):
    for table in [*TABLES, "tenants"]:
        assert kembridge.app(f"SELECT 1 FROM {table}", tenant=tenant) == []
    assert refusal(kembridge.app, "INSERT INTO users (username) VALUES ('nobody')", tenant=tenant).pgcode in (
        PRIVILEGE, errorcodes.FOREIGN_KEY_VIOLATION)
    assert kembridge.app("UPDATE users SET is_active = false", tenant=tenant) == 0


def test_a_tenant_that_is_no_uuid_is_an_error(kembridge):
    assert refusal(kembridge.app, "SELECT 1 FROM users", tenant="' OR true --").pgcode == \
        errorcodes.INVALID_TEXT_REPRESENTATION


def test_rows_of_another_tenant_cannot_be_changed(kembridge, two_tenants):
    mine, theirs = two_tenants[kembridge.tenant], two_tenants[kembridge.other_tenant]
    before = kembridge.run("SELECT * FROM users WHERE tenant_id = %s", [kembridge.other_tenant])
    for statement in ("UPDATE users SET is_active = false WHERE id = %s",
                      "UPDATE transactions SET status = 'locked' WHERE user_id = %s",
                      "UPDATE user_sessions SET is_active = false WHERE user_id = %s",
                      "UPDATE quantum_keys SET is_active = false WHERE user_id = %s"):
        assert kembridge.app(statement, [theirs]) == 0
    kembridge.app("SELECT cleanup_expired_sessions()")
    assert kembridge.run("SELECT * FROM users WHERE tenant_id = %s", [kembridge.other_tenant]) == before
    # Nor can a row of mine name a user of theirs: the check of a foreign key alone would see that user.
    money = ("INSERT INTO transactions (user_id, source_chain, destination_chain, source_token, destination_token,"
             " amount_in) VALUES (%s, 'near', 'ethereum', 'a', 'b', 1)")
    wallet = "INSERT INTO user_auth_methods (user_id, chain_type, wallet_address) VALUES (%s, 'near', 'new.near')"
    for statement in (money, wallet):
        assert refusal(kembridge.app, statement, [theirs]).pgcode == errorcodes.FOREIGN_KEY_VIOLATION
        assert kembridge.app(statement, [mine]) == 1
    error = refusal(kembridge.app, "SELECT create_audit_log(%s, NULL, 'login', 'auth', '{}')", [theirs])
    assert error.pgcode == errorcodes.FOREIGN_KEY_VIOLATION
    # Nothing was left of it in their profile.
    assert kembridge.value("SELECT risk_profile #>> '{behaviour,transactions}' FROM users WHERE id = %s", [theirs]) == "2"


def test_a_row_cannot_move_to_another_tenant(kembridge, two_tenants):
    for table in ("users", "user_auth_methods", "user_sessions", "quantum_keys", "transactions"):
        error = refusal(kembridge.app, f"UPDATE {table} SET tenant_id = %s", [kembridge.other_tenant])
        assert error.pgcode == PRIVILEGE
    for table, columns, values in (("users", "username", "'moved'"), ("audit_logs", "event_type, event_category", "'x', 'auth'")):
        error = refusal(kembridge.app, f"INSERT INTO {table} (tenant_id, {columns}) VALUES (%s, {values})",
                        [kembridge.other_tenant])
        assert error.pgcode == PRIVILEGE


def test_expiring_stays_within_the_tenant(kembridge, two_tenants):
    past = {"created_at": "now() - interval '2 hours'", "expires_at": "now() - interval '1 minute'"}
    for user in two_tenants.values():
        kembridge.transaction(user, **past)
    assert kembridge.app_value("SELECT expire_stuck_transactions()") == 1
    assert kembridge.value("SELECT expire_stuck_transactions()") == 1


# ---- roles -------------------------------------------------------------------------------------


def test_a_service_writes_the_columns_that_are_its_own(kembridge):
    user = kembridge.user()
    transaction = kembridge.transaction(user)
    for statement in ("UPDATE transactions SET risk_score = 0", "UPDATE transactions SET risk_factors = '{}'",
                      "UPDATE transactions SET completed_at = now()", "UPDATE transactions SET expires_at = 'infinity'",
                      "UPDATE users SET risk_profile = '{}'", "UPDATE users SET updated_at = now()",
                      "UPDATE user_auth_methods SET wallet_address = 'x.near'",
                      "INSERT INTO transaction_rollbacks (tenant_id, transaction_id, from_status, to_status, reason)"
                      f" VALUES ('{FIRST_TENANT}', '{transaction}', 'pending', 'failed', 'forged')",
                      "INSERT INTO tenants (name) VALUES ('mine')", "SELECT * FROM suspicious_addresses",
                      "DELETE FROM users", "DELETE FROM user_sessions", "TRUNCATE user_sessions",
                      "ALTER TABLE users DISABLE ROW LEVEL SECURITY", "DROP POLICY own_tenant ON users",
                      "ALTER TABLE audit_logs DISABLE TRIGGER ALL", "SET session_replication_role = replica",
                      "SELECT create_audit_partitions('2030-01-01', '2030-02-01')"):
        assert refusal(kembridge.app, statement).pgcode == PRIVILEGE, statement


def test_the_audit_is_read_through_its_parent_only(kembridge, two_tenants):
    month, = {p for (p,) in kembridge.run("SELECT tableoid::regclass::text FROM audit_logs")}
    for role in (APP, AUDITOR):
        assert refusal(kembridge.run, f"SELECT 1 FROM {month}", role=role).pgcode == PRIVILEGE


def test_the_auditor_reads_every_tenant_and_writes_nothing(kembridge, two_tenants):
    for table in ("audit_logs", "transaction_rollbacks"):
        assert {t for (t,) in kembridge.run(f"SELECT tenant_id FROM {table}", role=AUDITOR)} == set(two_tenants)
    for statement in ("INSERT INTO audit_logs (event_type, event_category) VALUES ('x', 'auth')",
                      "UPDATE audit_logs SET severity = 'debug'", "DELETE FROM audit_logs", "TRUNCATE audit_logs",
                      "SELECT * FROM users", "SELECT * FROM quantum_keys", "SELECT * FROM user_sessions"):
        assert refusal(kembridge.run, statement, role=AUDITOR).pgcode == PRIVILEGE, statement


def test_the_risk_engine_scores_and_keeps_the_list(kembridge, two_tenants):
    assert {t for (t,) in kembridge.run("SELECT tenant_id FROM transactions", role=RISK)} == set(two_tenants)
    pending = kembridge.run("UPDATE transactions SET risk_score = 0.9, risk_factors = '{\"model\": 7}'"
                            " WHERE status = 'pending'", role=RISK)
    assert pending == 2
    kembridge.run("INSERT INTO suspicious_addresses (chain_type, address, reason) VALUES ('near', 'bad.near', 'stolen')",
                  role=RISK)
    assert kembridge.value("SELECT listed_by FROM suspicious_addresses") == kembridge.logins[RISK]
    for statement in ("UPDATE transactions SET status = 'failed', status_reason = 'x'",
                      "SELECT * FROM quantum_keys", "SELECT * FROM user_sessions", "SELECT * FROM audit_logs",
                      "UPDATE users SET is_active = false",
                      "INSERT INTO suspicious_addresses (chain_type, address, reason, listed_by)"
                      " VALUES ('near', 'c.near', 'r', 'somebody else')"):
        assert refusal(kembridge.run, statement, role=RISK).pgcode == PRIVILEGE, statement


# ---- risk: behaviour ----------------------------------------------------------------------------


def score(kembridge, transaction):
    (score, factors), = kembridge.run("SELECT risk_score, risk_factors FROM transactions WHERE id = %s", [transaction])
    return score, factors


def test_many_transfers_in_an_hour_raise_the_score(kembridge):
    user = kembridge.user()
    scores = [score(kembridge, kembridge.transaction(user)) for _ in range(14)]
    assert [s for s, _ in scores] == [decimal.Decimal(max(0, min(10, n - 2))) * 4 / 100 for n in range(14)]
    assert scores[-1][1] == {"frequency": 1.0, "size": 0.0, "hour": 0.0}
    # Another user begins at nothing.
    assert score(kembridge, kembridge.transaction(kembridge.user()))[0] == 0


def old_transfers(kembridge, user, count, amount="1", hour=12, token="ETH"):
    """So many on days gone by, at an hour of the day (UTC)."""
    for day in range(1, count + 1):
        at = f"date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - interval '{day} days' + interval '{hour} hours'"
        kembridge.transaction(user, created_at=at, expires_at=f"{at} + interval '1 hour'", amount_in=amount,
                              source_token=f"'{token}'")


def at_hour(hour):
    at = f"date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + interval '1 day' + interval '{hour} hours'"
    return {"created_at": at, "expires_at": f"{at} + interval '1 hour'"}


def test_an_amount_out_of_the_ordinary_raises_the_score(kembridge):
    user = kembridge.user()
    old_transfers(kembridge, user, 4)
    few = score(kembridge, kembridge.transaction(user, amount_in="100", source_token="'NEW'"))
    assert few[1]["size"] == 0
    old_transfers(kembridge, user, 5, token="DAI")
    sizes = {amount: score(kembridge, kembridge.transaction(user, amount_in=amount, source_token="'DAI'"))[1]["size"]
             for amount in ("2", "6")}
    assert sizes["2"] == 0 and 0.3 < sizes["6"] < 0.5
    user = kembridge.user()
    old_transfers(kembridge, user, 5, token="DAI")
    whole, factors = score(kembridge, kembridge.transaction(user, amount_in="1000", source_token="'DAI'"))
    assert (whole, factors["size"]) == (decimal.Decimal("0.4"), 1.0)


@pytest.mark.parametrize("hour, expected", [(12, 0), (13, 0), (11, 0), (0, 1), (23, 1), (15, 1)])
def test_an_hour_out_of_the_ordinary_raises_the_score(kembridge, hour, expected):
    user = kembridge.user()
    old_transfers(kembridge, user, 20)
    whole, factors = score(kembridge, kembridge.transaction(user, **at_hour(hour)))
    assert factors["hour"] == expected
    assert whole == decimal.Decimal(expected) / 5


def test_hours_go_round_midnight(kembridge):
    user = kembridge.user()
    old_transfers(kembridge, user, 20, hour=0)
    assert score(kembridge, kembridge.transaction(user, **at_hour(23)))[1]["hour"] == 0


def test_transfers_at_once_are_scored_one_after_another(kembridge):
    user = kembridge.user()
    insert = ("INSERT INTO transactions (user_id, source_chain, destination_chain, source_token, destination_token,"
              " amount_in) VALUES (%s, 'near', 'ethereum', 'a', 'b', 1)")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda n: kembridge.app(insert, [user]), range(12))) == [1] * 12
    scores = [s for (s,) in kembridge.run("SELECT risk_score FROM transactions ORDER BY 1")]
    assert scores == [decimal.Decimal(max(0, n - 2)) * 4 / 100 for n in range(12)]


def test_the_profile_is_fed_and_keeps_what_others_wrote_there(kembridge):
    user = kembridge.user()
    kembridge.run("UPDATE users SET risk_profile = '{\"model\": {\"label\": \"ok\"}}'")
    kembridge.transaction(user, amount_in="2")
    kembridge.transaction(user, amount_in="4")
    profile = kembridge.value("SELECT risk_profile FROM users")
    assert profile["model"] == {"label": "ok"}
    behaviour = profile["behaviour"]
    assert (behaviour["transactions"], behaviour["last_hour"]) == (2, 2)
    assert behaviour["amounts"] == {"ETH": {"count": 2, "mean": 3.0}}
    assert sum(behaviour["hours"].values()) == 2


# ---- risk: suspicious addresses -----------------------------------------------------------------

BAD = "0x" + "bAd0" * 10


def suspect(kembridge, address=BAD, chain="ethereum", **columns):
    columns = {"reason": "'mixer'", **columns}
    kembridge.run(f"INSERT INTO suspicious_addresses (chain_type, address, {', '.join(columns)})"
                  f" VALUES (%s, %s, {', '.join(columns.values())})", [chain, address])


@pytest.mark.parametrize("where", ["source_address", "destination_address", "source_token", "destination_token", "wallet"])
def test_a_suspicious_address_is_found_wherever_it_is(kembridge, where):
    suspect(kembridge)
    user = kembridge.user()
    columns = {"source_token": "'a'", "destination_token": "'b'"}
    if where.startswith("destination"):
        columns.update(source_chain="'near'", destination_chain="'ethereum'")
    if where == "wallet":
        kembridge.wallet(user, "ethereum", BAD.lower())
    else:
        # In another case of letters: it is the same address.
        columns[where] = f"'0x{BAD[2:].upper()}'"
    whole, factors = score(kembridge, transaction := kembridge.transaction(user, **columns))
    assert whole == 1
    assert factors["suspicious_addresses"] == [{"chain": "ethereum", "address": BAD, "reason": "mixer"}]
    error = refusal(kembridge.move, transaction, "locked", role=APP, kembridge__tenant=FIRST_TENANT)
    assert error.pgcode == CHECK and "suspicious" in str(error)
    kembridge.move(transaction, "cancelled", role=APP, kembridge__tenant=FIRST_TENANT)


def test_an_address_listed_after_the_transfer_began_stops_it_too(kembridge):
    transaction = kembridge.transaction(kembridge.user(), destination_address="'thief.near'")
    assert score(kembridge, transaction)[0] == 0
    suspect(kembridge, "thief.near", "near")
    assert refusal(kembridge.move, transaction, "locked").pgcode == CHECK
    kembridge.run("DELETE FROM suspicious_addresses", role=RISK)
    kembridge.move(transaction, "locked")


def test_an_entry_may_warn_only_and_may_run_out(kembridge):
    user = kembridge.user()
    suspect(kembridge, "odd.near", "near", blocks="false", risk="0.6")
    suspect(kembridge, "old.near", "near", created_at="now() - interval '2 days'", expires_at="now() - interval '1 day'")
    warned = kembridge.transaction(user, destination_address="'odd.near'")
    assert score(kembridge, warned)[0] == decimal.Decimal("0.6")
    kembridge.move(warned, "locked")
    assert score(kembridge, kembridge.transaction(user, destination_address="'old.near'"))[0] == 0
    # The same name on the other chain is another address.
    suspect(kembridge, "0x" + "12" * 20, "near")
    assert score(kembridge, kembridge.transaction(user, source_address=f"'0x{'12' * 20}'"))[0] == 0


def test_the_list_holds_an_address_once_with_its_reason(kembridge):
    suspect(kembridge)
    for call, code in ((lambda: suspect(kembridge, BAD.lower()), UNIQUE),
                       (lambda: suspect(kembridge, "x.near", "near", reason="' '"), CHECK),
                       (lambda: suspect(kembridge, "x.near", "near", risk="1.1"), CHECK),
                       (lambda: suspect(kembridge, "x.sol", "solana"), CHECK)):
        assert refusal(call).pgcode == code


def test_addresses_of_a_transfer_fit_its_chains(kembridge):
    user = kembridge.user()
    for columns in ({"source_address": "'a.near'"}, {"destination_address": "'ab'"}, {"source_address": "'0x12'"}):
        assert refusal(kembridge.transaction, user, **columns).pgcode == CHECK
