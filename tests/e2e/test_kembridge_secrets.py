"""KEMBridge's secrets: of a token only its SHA-256 is there, and a transfer's data can be kept encrypted."""
import hashlib

import pytest
from psycopg2 import errorcodes

from harness.examples import kembridge, refusal  # noqa: F401 (fixture)

TOKEN = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1c2VyIn0.c2lnbmF0dXJl-ü"
START = "SELECT start_session(%s, %s, %s, interval '1 hour', %s::jsonb)"


def everything(kembridge):
    """Every row of every table, as text."""
    tables = kembridge.run("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
                           "WHERE schemaname IN ('public', 'audit_archive')", role="postgres")
    return " ".join(kembridge.value(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {t} AS t", role="postgres") for (t,) in tables)


def test_a_token_is_nowhere(kembridge):
    user = kembridge.user()
    wallet = kembridge.wallet(user)
    session = kembridge.app_value(START, [user, wallet, TOKEN, '{"csrf": "x"}'])
    assert kembridge.value("SELECT jwt_token_hash FROM user_sessions") == hashlib.sha256(TOKEN.encode()).hexdigest()
    assert kembridge.app_value("SELECT session_of_token(%s)", [TOKEN]) == session
    for other in (TOKEN + "x", TOKEN[:-1], "", None, hashlib.sha256(TOKEN.encode()).hexdigest()):
        assert kembridge.app_value("SELECT session_of_token(%s)", [other]) is None
    assert kembridge.app_value("SELECT session_of_token(%s)", [TOKEN], tenant=kembridge.other_tenant) is None
    fresh = kembridge.app_value("SELECT exchange_token(%s, %s)", [TOKEN, TOKEN + "2"])
    assert fresh and kembridge.app_value("SELECT session_of_token(%s)", [TOKEN]) is None
    assert kembridge.app_value("SELECT session_of_token(%s)", [TOKEN + "2"]) == fresh
    assert TOKEN not in everything(kembridge)
    # One that was exchanged and comes again ends what came of it.
    assert kembridge.app_value("SELECT exchange_token(%s, %s)", [TOKEN, TOKEN + "3"]) is None
    assert kembridge.app_value("SELECT session_of_token(%s)", [TOKEN + "2"]) is None


@pytest.mark.parametrize("role", [None, "kembridge_app", "postgres"])
def test_a_token_in_place_of_its_digest_is_refused(kembridge, role):
    user = kembridge.user()
    wallet = kembridge.wallet(user)
    insert = ("INSERT INTO user_sessions (user_id, auth_method_id, jwt_token_hash, expires_at)"
              " VALUES (%s, %s, %s, now() + interval '1 hour')")
    for wrong in (("eyJhbGciOiJFZERTQSJ9." * 4)[:64], "A" * 64, "ü" * 64, "0" * 63):
        error = refusal(kembridge.run, insert, [user, wallet, wrong], role=role, kembridge__tenant=kembridge.tenant)
        assert error.pgcode == errorcodes.CHECK_VIOLATION, wrong
    kembridge.run(insert, [user, wallet, "0" * 64], role=role, kembridge__tenant=kembridge.tenant)


def test_what_starts_no_session(kembridge):
    user = kembridge.user()
    wallet, theirs = kembridge.wallet(user), kembridge.wallet(kembridge.user())
    for arguments in ([user, wallet, "short", "{}"], [user, wallet, None, "{}"], [user, wallet, TOKEN, '{"jwt": "%s"}' % TOKEN]):
        assert refusal(kembridge.app, START, arguments).pgcode == errorcodes.CHECK_VIOLATION
    assert refusal(kembridge.app, START, [user, theirs, TOKEN, "{}"]).pgcode == errorcodes.FOREIGN_KEY_VIOLATION
    assert refusal(kembridge.app, START, ["00000000-0000-0000-0000-00000000dead", wallet, TOKEN, "{}"]).pgcode == errorcodes.FOREIGN_KEY_VIOLATION
    assert kembridge.value("SELECT count(*) FROM user_sessions") == 0


def test_data_of_a_transfer_is_kept_encrypted(kembridge):
    user, key, other = kembridge.user(), b"k" * 32, b"K" * 32
    transfer = kembridge.transaction(user)
    secret = '{"iban": "DE02120300000000202051", "note": "für Ö"}'
    kembridge.app("UPDATE transactions SET encrypted_data = seal_transfer_data(id::text, %s::jsonb, %s) WHERE id = %s",
                  [secret, key, transfer])
    text = everything(kembridge)
    assert "DE0212" not in text and b"DE0212".hex() not in text
    opens = "SELECT open_transfer_data(id::text, encrypted_data, %s)->>'note' FROM transactions WHERE id = %s"
    assert kembridge.app_value(opens, [key, transfer]) == "für Ö"
    sealed = "SELECT encrypted_data FROM transactions WHERE id = %s"
    assert kembridge.value(sealed, [transfer]) != kembridge.app_value(
        "SELECT seal_transfer_data(%s, %s::jsonb, %s)", [transfer, secret, key])  # never the same twice
    # Another key, another transfer, a bit changed, a key too short.
    assert "Wrong key or corrupt data" in str(refusal(kembridge.app, opens, [other, transfer]))
    about = "SELECT open_transfer_data('another', encrypted_data, %s) FROM transactions WHERE id = %s"
    assert refusal(kembridge.app, about, [key, transfer]).pgcode == errorcodes.CHECK_VIOLATION
    length = kembridge.value("SELECT octet_length(encrypted_data) FROM transactions WHERE id = %s", [transfer])
    for at in range(20, length, 17):
        changed = ("SELECT open_transfer_data(id::text, set_byte(encrypted_data, %s, get_byte(encrypted_data, %s) # 1), %s)"
                   " FROM transactions WHERE id = %s")
        refusal(kembridge.app, changed, [at, at, key, transfer])
    assert refusal(kembridge.app, "SELECT seal_transfer_data('x', '{}', %s)", [b"short"]).pgcode == errorcodes.CHECK_VIOLATION
