"""LedgerFlow's migrations: both states of the example, up and down, with rows in the tables."""
import json

import psycopg2
import pytest

from harness.ledgerflow import EXAMPLE, FIRST, LedgerFlow, code_blocks, needs_pg_dump, seeds, versions
from harness.ledgerflow import ledgerflow, make_ledgerflow, shell  # noqa: F401 (fixtures)

SERVICES = "godwit.services.yaml"
EXPAND, SWAP = "20250714093000", "20250721092000"
EXPIRED, UNPROCESSED, FOLD, LEFTOVERS = ("20250825083000", "20250901120000", "20250915091000",
                                         "20251013090000")


def before(version):
    everything = versions()
    return everything[everything.index(version) - 1]


# ---- the whole history --------------------------------------------------------------------


def test_everything_up_down_to_nothing_and_up_again(ledgerflow):
    nothing = ledgerflow.schema()
    ledgerflow.up()
    whole = ledgerflow.schema()
    assert ledgerflow.applied() == [v for v in versions() if v not in seeds()]
    ledgerflow.godwit("status", "--check")
    ledgerflow.godwit("verify")

    ledgerflow.godwit("down", "--to", "0")
    assert ledgerflow.schema() == nothing
    assert ledgerflow.applied() == []

    ledgerflow.up()
    assert ledgerflow.schema() == whole


@pytest.mark.slow
def test_every_migration_is_undone_by_its_rollback(ledgerflow):
    ledgerflow.up(to=FIRST)
    ledgerflow.load("first_rows.sql")
    for version in versions()[1:]:
        if version in seeds():
            continue
        schema = ledgerflow.schema()
        ledgerflow.up(to=version)
        changed = ledgerflow.schema()
        ledgerflow.godwit("down")
        undone = ledgerflow.schema()
        if version == LEFTOVERS:
            # A dropped column can only come back at the end of its table.
            assert sorted(undone) == sorted(schema), version
        else:
            assert undone == schema, version
        ledgerflow.up(to=version)
        assert ledgerflow.schema() == changed, version
    ledgerflow.godwit("status", "--check")


def test_rows_survive_everything_down_to_the_first_schema_and_up(ledgerflow):
    ledgerflow.up(to=FIRST)
    ledgerflow.load("first_rows.sql")
    database = ledgerflow.database
    orders = "SELECT order_id, account_id, broker_id, amount::numeric, status::text FROM orders ORDER BY 1"
    deposits = "SELECT id, order_id, sender, amount::numeric, processed FROM deposit_events ORDER BY 1"
    users = ("SELECT telegram_id, username, first_name, last_name, evm_address, created_at"
             " FROM users ORDER BY 1")
    rows = [database.execute(q) for q in (orders, deposits, users)]
    addresses = dict(database.execute("SELECT telegram_id, evm_address FROM accounts WHERE telegram_id <= 50"))

    ledgerflow.up()
    assert [database.execute(q) for q in (orders, deposits)] == rows[:2]
    assert "would lose data" in ledgerflow.godwit("down", "--to", FIRST, code=5).err
    ledgerflow.godwit("down", "--to", FIRST, "--allow-data-loss")

    assert [database.execute(q) for q in (orders, deposits)] == rows[:2]
    # What the folding cannot take apart again, as its rollback says: a user's missing address
    # comes back as the account's.
    expected = [(t, *names, address or addresses.get(t), created)
                for t, *names, address, created in rows[2]]
    back = database.execute(users)
    assert [row[:-1] for row in back] == [row[:-1] for row in expected]
    # An account of the balancer's keeps its own date; who was a user only keeps the user's.
    assert [row[-1] for row in back if row[0] > 50] == [row[-1] for row in expected if row[0] > 50]
    assert database.value("SELECT count(*) FROM accounts") == 300
    ledgerflow.up()
    assert database.value("SELECT count(*) FROM accounts WHERE telegram_id IS NOT NULL") == 200


# ---- three services -----------------------------------------------------------------------


def test_the_services_folders_make_the_unified_first_schema(make_ledgerflow):
    services, unified = make_ledgerflow(SERVICES), make_ledgerflow()
    services.up()
    unified.up(to=FIRST)
    assert services.schema() == unified.schema()
    services.godwit("status", "--check")

    expected = {(s, v) for s in ("balancer", "bot", "indexer")
                for v in versions(EXAMPLE / "services" / s / "migrations")}
    assert set(services.states()) == expected
    assert set(services.states().values()) == {"applied"}
    owners = services.database.execute("SELECT service, count(*) FROM godwit.migrations GROUP BY 1 ORDER BY 1")
    assert owners == [("balancer", 3), ("bot", 2), ("indexer", 4)]


def test_the_services_folders_go_down_to_nothing(make_ledgerflow):
    services = make_ledgerflow(SERVICES)
    nothing = services.schema()
    services.up()
    services.godwit("down", "--to", "0")
    assert services.schema() == nothing


def test_a_service_alone_waits_for_the_owner_of_what_it_needs(make_ledgerflow):
    services = make_ledgerflow(SERVICES)
    nothing = services.schema()
    refused = services.godwit("up", "--service", "bot", code=(1, 2))
    assert "20250401080000" in refused.err
    assert services.schema() == nothing

    services.godwit("up", "--service", "balancer")
    assert {v for (s, v), state in services.states().items() if state == "applied"} == set(
        versions(EXAMPLE / "services/balancer/migrations"))
    services.godwit("up", "--service", "bot")
    services.godwit("up", "--service", "indexer")
    services.godwit("status", "--check")


# ---- amounts ------------------------------------------------------------------------------


def test_amounts_that_are_no_numbers_stop_everything_before_it_begins(ledgerflow):
    ledgerflow.up(to=FIRST)
    ledgerflow.load("first_rows.sql")
    database = ledgerflow.database
    bad = ["12.5", "-3", "", " 7", "1e5", "0x10", "9" * 79]
    for n, amount in enumerate(bad, start=70):
        database.execute("UPDATE orders SET amount = %s WHERE order_id = %s", [amount, f"order-{n}"])
    database.execute("UPDATE deposit_events SET amount = 'soon' WHERE transaction_hash = '0xhash5'")
    ids = dict(database.execute("SELECT amount, id FROM orders WHERE order_id LIKE 'order-7_'"))
    schema = ledgerflow.schema()
    rows = database.execute("SELECT * FROM orders ORDER BY id")

    failed = ledgerflow.up(code=1)
    assert "8 amount(s) are not whole numbers" in failed.err
    for amount in bad:
        assert f"orders {ids[amount]}: '{amount}'" in failed.err
    assert "'soon'" in failed.err
    assert "hint:" in failed.err and "20250714093000_amount_numeric_columns.up.sql" in failed.err
    assert ledgerflow.schema() == schema
    assert database.execute("SELECT * FROM orders ORDER BY id") == rows
    assert ledgerflow.states()["", EXPAND] == "failed"

    database.execute("UPDATE orders SET amount = '12' WHERE order_id LIKE 'order-7_'")
    database.execute("UPDATE deposit_events SET amount = '13' WHERE transaction_hash = '0xhash5'")
    ledgerflow.up()
    assert database.value("SELECT amount FROM orders WHERE order_id = 'order-77'") == 12


def test_amounts_become_the_same_numbers_and_orders_do_not_look_updated(ledgerflow):
    ledgerflow.up(to=FIRST)
    ledgerflow.load("first_rows.sql")
    database = ledgerflow.database
    texts = dict(database.execute("SELECT order_id, amount FROM orders"))
    deposits = dict(database.execute("SELECT id, amount FROM deposit_events"))
    updated = database.execute("SELECT order_id, updated_at FROM orders ORDER BY 1")

    ledgerflow.up()
    numbers = dict(database.execute("SELECT order_id, amount FROM orders"))
    assert {k: int(v) for k, v in numbers.items()} == {k: int(v) for k, v in texts.items()}
    assert numbers["order-1"] == 2**256 - 1
    assert {k: int(v) for k, v in database.execute("SELECT id, amount FROM deposit_events")} == {
        k: int(v) for k, v in deposits.items()}
    assert database.execute("SELECT order_id, updated_at FROM orders ORDER BY 1") == updated
    for table in ("orders", "deposit_events"):
        assert database.value(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attname = 'amount'", [table]) == "numeric(78,0)"
    with pytest.raises(psycopg2.errors.CheckViolation):
        database.execute("UPDATE orders SET amount = -1 WHERE order_id = 'order-1'")
    database.execute("UPDATE orders SET amount = 5 WHERE order_id = 'order-1'")
    assert database.value("SELECT updated_at > now() - interval '1 hour' FROM orders"
                          " WHERE order_id = 'order-1'")
    for table, change in (("accounts", "email = 'new@mail.example' WHERE account_id = 'acct-1'"),
                          ("chain_states", "last_scanned_block = 7 WHERE chain_id = 1")):
        assert database.execute(f"UPDATE {table} SET updated_at = '2000-01-01', {change}"
                                " RETURNING updated_at > now() - interval '1 hour'") == [(True,)], table


def test_no_table_is_rewritten_on_the_way_up(ledgerflow):
    ledgerflow.up(to=FIRST)
    ledgerflow.load("first_rows.sql")
    files = "SELECT relname, pg_relation_filenode(oid) FROM pg_class WHERE relname = ANY(%s) ORDER BY 1"
    tables = [["accounts", "orders", "deposit_events", "chain_states"]]
    first = ledgerflow.database.execute(files, tables)
    assert len(first) == 4
    ledgerflow.up()
    assert ledgerflow.database.execute(files, tables) == first


def test_not_null_rests_on_the_proven_check_and_reads_no_row(ledgerflow):
    ledgerflow.up(to=before(SWAP))
    connection = ledgerflow.database.connect(autocommit=False)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET client_min_messages = debug1")
            cursor.execute("ALTER TABLE orders ALTER COLUMN amount_numeric SET NOT NULL")
        assert "sufficient to prove that it does not contain nulls" in "".join(connection.notices)
    finally:
        connection.rollback()
        connection.close()


def test_services_write_amounts_at_every_step_of_the_change(ledgerflow):
    """Releases overlap: what writes text goes on working before, between and after."""
    ledgerflow.up(to=FIRST)
    ledgerflow.load("first_rows.sql")
    database = ledgerflow.database
    insert = ("INSERT INTO orders (order_id, account_id, broker_id, amount, token_address)"
              " VALUES (%s, 'acct-1', 'broker-1', '4200', '0xtoken')")
    steps = [v for v in versions() if FIRST <= v <= SWAP]
    for version in steps:
        ledgerflow.up(to=version)
        database.execute(insert, [f"live-{version}"])
        database.execute("UPDATE orders SET status = 'completed' WHERE order_id = 'order-4'")
        database.execute("UPDATE orders SET amount = '17' WHERE order_id = 'order-5'")
    for version in reversed(steps):
        database.execute(insert, [f"back-{version}"])
        database.execute("UPDATE orders SET amount = '18' WHERE order_id = 'order-6'")
        if version != FIRST:
            ledgerflow.godwit("down", "--allow-data-loss")
    rows = database.execute("SELECT DISTINCT amount FROM orders WHERE order_id LIKE 'live-%%'"
                            " OR order_id LIKE 'back-%%'")
    assert rows == [("4200",)]
    assert database.execute("SELECT amount FROM orders WHERE order_id IN ('order-5', 'order-6')"
                            " ORDER BY order_id") == [("17",), ("18",)]
    ledgerflow.up()
    assert database.value("SELECT count(*) FROM orders WHERE amount = 4200") == 2 * len(steps)


def test_a_text_that_is_no_number_is_refused_while_the_columns_change(ledgerflow):
    ledgerflow.up(to=EXPAND)
    with pytest.raises(psycopg2.Error):
        ledgerflow.database.execute(
            "INSERT INTO orders (order_id, account_id, broker_id, amount, token_address)"
            " VALUES ('o', 'a', 'b', '1e3', 't')")
    assert ledgerflow.database.value("SELECT count(*) FROM orders") == 0


# ---- foreign keys, the enum, the concurrent index, the seed -------------------------------


def test_foreign_keys_hold_new_rows_first_and_old_rows_later(ledgerflow):
    ledgerflow.up(to=FIRST)
    ledgerflow.load("first_rows.sql")
    database = ledgerflow.database
    database.execute("UPDATE orders SET account_id = 'nobody' WHERE order_id = 'order-9'")
    ledgerflow.up(to="20250804100000")
    with pytest.raises(psycopg2.errors.ForeignKeyViolation):
        database.execute("UPDATE orders SET account_id = 'nobody' WHERE order_id = 'order-10'")

    failed = ledgerflow.up(code=1)
    assert "23503" in failed.err or "orders_account_id_fkey" in failed.err
    assert "nobody" in failed.err
    assert ledgerflow.applied()[-1] == "20250804100000"

    database.execute("UPDATE orders SET account_id = 'acct-1' WHERE order_id = 'order-9'")
    ledgerflow.up()
    assert database.execute("SELECT conname FROM pg_constraint WHERE contype = 'f' AND NOT convalidated") == []
    assert database.value("SELECT count(*) FROM pg_constraint WHERE contype = 'f'") == 2
    # The chain may name orders that nobody opened.
    assert database.value("SELECT count(*) FROM deposit_events AS d WHERE NOT EXISTS"
                          " (SELECT FROM orders AS o WHERE o.order_id = d.order_id)") == 100


def test_an_expired_order_keeps_its_value_from_being_rolled_back(ledgerflow):
    ledgerflow.up(to=FIRST)
    ledgerflow.load("first_rows.sql")
    database = ledgerflow.database
    statuses = database.execute("SELECT order_id, status::text FROM orders ORDER BY 1")
    ledgerflow.up(to=EXPIRED)
    database.execute("UPDATE orders SET status = 'expired' WHERE order_id IN ('order-4', 'order-8')")

    assert "orders.status loses labels of its type: 2 values" in ledgerflow.godwit("down", code=5).err
    refused = ledgerflow.godwit("down", "--allow-data-loss", code=1)
    assert "2 order(s) are expired" in refused.err
    assert database.value("SELECT count(*) FROM orders WHERE status = 'expired'") == 2

    database.execute("UPDATE orders SET status = 'pending' WHERE status = 'expired'")
    ledgerflow.godwit("down")
    assert database.value("SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum"
                          ) == "pending,completed,failed,cancelled"
    now = database.execute("SELECT order_id, status::text FROM orders ORDER BY 1")
    assert [r for r in now if r[0] not in ("order-4", "order-8")] == [
        r for r in statuses if r[0] not in ("order-4", "order-8")]
    assert database.value("INSERT INTO orders (order_id, account_id, broker_id, amount, token_address)"
                          " VALUES ('new', 'acct-1', 'b', 1, 't') RETURNING status::text") == "pending"


def test_the_concurrent_index_is_valid_and_runs_outside_a_transaction(ledgerflow):
    ledgerflow.up()
    assert ledgerflow.database.value(
        "SELECT indisvalid FROM pg_index WHERE indexrelid = 'deposit_events_unprocessed_idx'::regclass")
    status = ledgerflow.godwit("status", "--json").json["migrations"]
    outside = {m["version"] for m in status if not m["transactional"]}
    assert UNPROCESSED in outside and FIRST not in outside


def test_the_seed_stays_out_of_staging_and_prod(ledgerflow):
    ledgerflow.up()
    ledgerflow.up(env="prod", code=5)
    ledgerflow.godwit("up", "--protected", "prod", env="prod")
    assert ledgerflow.database.value("SELECT count(*) FROM orders") == 0
    ledgerflow.godwit("status", "--check", env="prod")


# ---- users become accounts ----------------------------------------------------------------

PEOPLE = ("SELECT telegram_id, username, first_name, last_name, evm_address FROM {} "
          "WHERE telegram_id IS NOT NULL ORDER BY 1")


def test_every_user_is_in_accounts(ledgerflow):
    ledgerflow.up(to=FIRST)
    ledgerflow.load("first_rows.sql")
    ledgerflow.up(to=before(FOLD))
    database = ledgerflow.database
    users = database.execute(PEOPLE.format("users"))
    had = dict(database.execute("SELECT telegram_id, evm_address FROM accounts WHERE telegram_id IS NOT NULL"))
    others = database.execute("SELECT * FROM accounts WHERE telegram_id IS NULL ORDER BY id")

    ledgerflow.up(to=FOLD)
    folded = database.execute(PEOPLE.format("accounts"))
    assert folded == [(t, *names, address or had.get(t)) for t, *names, address in users]
    assert database.value("SELECT count(*) FROM accounts") == 300 + 150
    assert database.execute("SELECT * FROM accounts WHERE telegram_id IS NULL ORDER BY id") == others
    # Who had an account has it still.
    assert database.value("SELECT count(*) FROM accounts WHERE telegram_id <= 50"
                          " AND account_id = 'acct-' || telegram_id") == 50
    # The old release of the bot reads the same people.
    assert database.execute(PEOPLE.format("users")) == folded


def test_the_bots_old_release_goes_on_writing_users(ledgerflow):
    ledgerflow.up(to=FOLD)
    database = ledgerflow.database
    upsert = ("INSERT INTO users (telegram_id, username, first_name) VALUES (%s, %s, %s)"
              " ON CONFLICT (telegram_id) DO UPDATE SET username = excluded.username")
    database.execute(upsert, [900, "ada", "Ada"])
    database.execute(upsert, [900, "countess", "Ada"])
    database.execute("UPDATE users SET evm_address = '0xada' WHERE telegram_id = 900")
    assert database.execute("SELECT username, first_name, evm_address FROM accounts") == [
        ("countess", "Ada", "0xada")]


def test_folding_is_taken_back_with_who_joined_and_who_left(ledgerflow):
    ledgerflow.up(to=FIRST)
    ledgerflow.load("first_rows.sql")
    ledgerflow.up(to=FOLD)
    database = ledgerflow.database
    database.execute("INSERT INTO users (telegram_id, username) VALUES (900, 'joined')")
    database.execute("INSERT INTO users (telegram_id, username) VALUES (901, 'orders')")
    database.execute("INSERT INTO orders (order_id, account_id, broker_id, amount, token_address)"
                     " SELECT 'late', account_id, 'b', 1, 't' FROM accounts WHERE telegram_id = 901")
    database.execute("UPDATE accounts SET username = 'renamed' WHERE telegram_id = 60")
    database.execute("DELETE FROM accounts WHERE telegram_id = 61")

    ledgerflow.godwit("down")
    users = {row[0]: row[1] for row in database.execute(PEOPLE.format("users"))}
    assert set(users) == set(range(1, 201)) - {61} | {900, 901}
    assert (users[60], users[62], users[900]) == ("renamed", "user62", "joined")
    # An account that has an order by now stays; the others that were made for users go.
    assert database.execute("SELECT telegram_id FROM accounts WHERE account_id LIKE 'tg-%%'") == [(901,)]
    assert database.value("SELECT count(*) FROM accounts") == 301
    ids = database.execute("SELECT count(*), count(DISTINCT id) FROM users")
    assert ids == [(201, 201)]

    ledgerflow.up()
    assert database.value("SELECT count(*) FROM accounts WHERE telegram_id IS NOT NULL") == 201


def test_two_addresses_of_one_person_are_for_a_person_to_decide(ledgerflow):
    ledgerflow.up(to=before(FOLD))
    database = ledgerflow.database
    database.execute("INSERT INTO accounts (account_id, telegram_id, evm_address) VALUES"
                     " ('a', 7, '0xAA'), ('b', 8, '0xBB')")
    database.execute("INSERT INTO users (telegram_id, evm_address) VALUES (7, '0xaa'), (8, '0xcc')")
    schema = ledgerflow.schema()

    failed = ledgerflow.up(code=1)
    assert "1 user(s) have another evm_address" in failed.err
    assert "8: user 0xcc, account 0xBB" in failed.err
    assert ledgerflow.schema() == schema

    database.execute("UPDATE users SET evm_address = '0xbb' WHERE telegram_id = 8")
    ledgerflow.up(to=FOLD)
    assert database.execute(PEOPLE.format("accounts")) == [
        (7, None, None, None, "0xAA"), (8, None, None, None, "0xBB")]


def test_an_account_id_that_a_user_would_get_is_not_taken_over(ledgerflow):
    ledgerflow.up(to=before(FOLD))
    database = ledgerflow.database
    database.execute("INSERT INTO accounts (account_id) VALUES ('tg-7')")
    database.execute("INSERT INTO users (telegram_id) VALUES (7)")
    failed = ledgerflow.up(code=1)
    assert "tg-7" in failed.err and "account_id" in failed.err
    assert database.value("SELECT count(*) FROM users") == 1


# ---- indexes ------------------------------------------------------------------------------

QUESTIONS = {
    "accounts_evm_address_idx": "SELECT * FROM accounts WHERE evm_address = '0xaddress77'",
    "accounts_account_id_key": "SELECT * FROM accounts WHERE account_id = 'acct-77'",
    "accounts_telegram_id_key": "SELECT * FROM accounts WHERE telegram_id = 77",
    "accounts_email_key": "SELECT * FROM accounts WHERE email = 'person77@mail.example'",
    "orders_order_id_key": "SELECT * FROM orders WHERE order_id = 'order-77'",
    "orders_status_created_at_idx":
        "SELECT * FROM orders WHERE status = 'pending' ORDER BY created_at LIMIT 100",
    "orders_account_id_created_at_idx":
        "SELECT * FROM orders WHERE account_id = 'acct-77' ORDER BY created_at DESC LIMIT 5",
    "orders_broker_id_created_at_idx":
        "SELECT * FROM orders WHERE broker_id = 'broker-7' ORDER BY created_at DESC LIMIT 20",
    "orders_transaction_hash_idx": "SELECT * FROM orders WHERE transaction_hash = '0xhash77'",
    "chain_states_pkey":
        "SELECT last_scanned_block FROM chain_states WHERE chain_id = 2 AND contract_address = '0xcontract77'",
    "deposit_events_order_id_idx": "SELECT sum(amount) FROM deposit_events WHERE order_id = 'order-77'",
    "deposit_events_contract_block_idx":
        "DELETE FROM deposit_events WHERE chain_id = 2 AND contract_address = '0xcontract12'"
        " AND block_number >= 19000",
    "deposit_events_unprocessed_idx":
        "SELECT * FROM deposit_events WHERE NOT processed AND chain_id = 1"
        " ORDER BY block_number, log_index LIMIT 20",
    "deposit_events_chain_id_transaction_hash_log_index_key":
        "SELECT FROM deposit_events WHERE chain_id = 2 AND transaction_hash = '0xhash77' AND log_index = 1",
}


def plan_nodes(plan):
    yield plan
    for child in plan.get("Plans", []):
        yield from plan_nodes(child)


def test_the_common_questions_are_answered_by_their_indexes(ledgerflow):
    ledgerflow.up()
    ledgerflow.load("many_rows.sql")
    for index, question in QUESTIONS.items():
        plan = ledgerflow.database.value("EXPLAIN (FORMAT JSON) " + question)
        nodes = list(plan_nodes(plan[0]["Plan"]))
        shown = f"{question}\n{json.dumps(plan, indent=1)}"
        assert index in {n.get("Index Name") for n in nodes}, shown
        assert not any(n["Node Type"] in ("Sort", "Seq Scan", "Incremental Sort") for n in nodes), shown


def test_every_index_answers_a_question_and_the_readme_lists_them(ledgerflow):
    ledgerflow.up()
    indexes = {name for (name,) in ledgerflow.database.execute(
        "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")}
    # A single column's primary key needs no proof.
    assert indexes - {"accounts_pkey", "orders_pkey", "deposit_events_pkey"} == set(QUESTIONS)
    readme = (EXAMPLE / "README.md").read_text()
    missing = [name for name in QUESTIONS if f"`{name}`" not in readme]
    assert missing == []


# ---- consolidation ------------------------------------------------------------------------


def test_the_consolidation_page_leads_from_three_folders_to_one(make_ledgerflow, shell):
    services, unified = make_ledgerflow(SERVICES), make_ledgerflow()
    needs_pg_dump(services.database.server)
    services.up()
    services.load("first_rows.sql")
    people = services.database.value("SELECT count(*) FROM users")

    script = "\n".join(code_blocks("CONSOLIDATION.md", "sh"))
    assert script.count("godwit ") >= 6
    scratch = unified.database
    shell(script, cwd=services.project, STAGING_DATABASE_URL=services.database.url, SCRATCH_URL=scratch.url)

    one = LedgerFlow(services.project, services.database)
    assert one.applied() == [v for v in versions() if v not in seeds()]
    assert one.database.value("SELECT count(*) FROM orders WHERE amount >= 0") == 1000
    assert one.database.value("SELECT count(*) FROM accounts WHERE telegram_id IS NOT NULL") == people
    # Recorded by baseline alone: the services' own rows stay as they were, and are nobody's trouble here.
    assert "repair" not in script
    assert one.database.value("SELECT count(*) FROM godwit.migrations WHERE state = 'applied'"
                              " AND service IN ('balancer', 'bot', 'indexer')") == 9
    # The audit still knows them too.
    assert one.database.value("SELECT count(DISTINCT version) FROM godwit.events"
                              " WHERE action = 'apply' AND outcome = 'ok' AND service <> ''") == 9
    # And it is the database that a new one becomes.
    unified.up()
    assert one.schema() == unified.schema()
    one.godwit("status", "--check")
    one.godwit("verify")


def test_the_consolidation_page_stops_where_the_schemas_differ(make_ledgerflow, shell):
    services, unified = make_ledgerflow(SERVICES), make_ledgerflow()
    needs_pg_dump(services.database.server)
    services.up()
    services.database.execute("CREATE INDEX by_hand ON orders (amount)")
    script = "\n".join(code_blocks("CONSOLIDATION.md", "sh"))
    stopped = shell(script, cwd=services.project, code=1, STAGING_DATABASE_URL=services.database.url,
                    SCRATCH_URL=unified.database.url)
    assert "by_hand" in stopped.out
    assert FIRST not in LedgerFlow(services.project, services.database).applied()
