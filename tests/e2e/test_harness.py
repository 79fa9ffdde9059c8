"""The harness itself: a fixture that quietly did nothing would make every other test worthless."""
import psycopg2
import pytest

from harness.waiting import until


def test_databases_are_apart(make_database):
    one, other = make_database(), make_database()
    one.execute("CREATE TABLE only_here (a int)")
    assert one.tables() == ["only_here"]
    assert other.tables() == []


def test_both_addresses_reach_the_same_database(database):
    for url in (database.url, database.tcp_url):
        connection = psycopg2.connect(url)
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_database()")
            assert cursor.fetchone() == (database.name,)
        connection.close()


def test_a_role_may_do_only_what_it_was_granted(database):
    database.execute("CREATE TABLE secret (a int)")
    role = database.role()
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        database.execute("SELECT * FROM secret", user=role)
    reader = database.role("GRANT SELECT ON secret TO {role}")
    assert database.execute("SELECT * FROM secret", user=reader) == []


def test_pgbouncer_pools_transactions(pgbouncer, database):
    first, second = pgbouncer.connect(database.name), pgbouncer.connect(database.name)
    with first.cursor() as a, second.cursor() as b:
        a.execute("SELECT pg_backend_pid()")
        b.execute("SELECT pg_backend_pid()")
        # Two clients, one after the other, one server connection: transaction mode.
        assert a.fetchone() == b.fetchone()
    first.close()
    second.close()


def test_a_server_comes_back_from_stop_and_kill(restartable_server):
    server = restartable_server
    server.execute("CREATE TABLE kept (a int)")
    server.restart()
    assert server.execute("SELECT count(*) FROM kept") == [(0,)]
    server.execute("CHECKPOINT")
    server.kill()
    until(lambda: not server.running(), what="the end of a killed server")
    with pytest.raises(psycopg2.OperationalError):
        server.connect()
    server.start()
    assert server.execute("SELECT count(*) FROM kept") == [(0,)]


def test_a_standby_follows_and_refuses_writes(replicated_server):
    primary, replica = replicated_server
    primary.execute("CREATE TABLE kept (a int)")
    until(lambda: primary.caught_up(replica), what="the standby")
    assert replica.execute("SELECT count(*) FROM kept") == [(0,)]
    with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
        replica.execute("INSERT INTO kept VALUES (1)")


def test_a_small_disk_fills(make_server):
    server = make_server("wal_level = minimal\nmax_wal_senders = 0\nmax_wal_size = 32MB\n", disk="112m")
    with pytest.raises(psycopg2.errors.DiskFull):
        server.execute("CREATE TABLE big AS SELECT repeat('x', 1000) FROM generate_series(1, 300000)")


def test_passwords_and_tls(make_server):
    server = make_server()
    root = server.enable_tls()
    server.execute("CREATE ROLE guarded LOGIN PASSWORD 'p%40ss'")
    server.access("hostssl all guarded 127.0.0.1/32 scram-sha-256", "host all guarded all reject")
    url = server.tcp_url(user="guarded", password="p%40ss") + f"&sslmode=verify-full&sslrootcert={root}"
    connection = psycopg2.connect(url)
    assert connection.info.ssl_in_use
    connection.close()
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(server.tcp_url(user="guarded", password="wrong"))


def test_two_sides_and_a_mapping_between_them(sides):
    sides.tables("CREATE TABLE s (id int PRIMARY KEY, x text); INSERT INTO s VALUES (1, 'a')",
                 "CREATE TABLE d (id int PRIMARY KEY, y text)")
    sides.map("a", "{from: x, to: y}", source="s", destination="d", rest="deletes: delete\n")
    sides.register()
    assert [d["entity"] for d in sides.sync("mapping", "list")["definitions"]] == ["a"]
    assert sides.rows() == [] and sides.counts("a") == (0, 0, 0) and sides.rejects() == []
    with pytest.raises(AssertionError, match="missing in the destination"):
        sides.both("SELECT id, x FROM s", "SELECT id, y FROM d")
