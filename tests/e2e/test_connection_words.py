"""What libpq takes by itself leads Godwit to its database, too: service and pass files, PG* variables, TLS."""
from pathlib import Path

import pytest

from harness import system
from harness.waiting import until


@pytest.fixture
def guarded(make_server, bare_project, tmp_path):
    """The server, and what leads there: in by password, over TLS, no other way."""
    server = make_server()
    root = server.enable_tls()
    server.execute("CREATE ROLE guarded LOGIN PASSWORD 'p:w\\d'")
    server.execute('CREATE DATABASE "the shop" OWNER guarded')
    server.access("hostssl all guarded 127.0.0.1/32 scram-sha-256", "host all guarded all reject",
                  "local all guarded reject")
    secrets = tmp_path / "pass file"
    secrets.write_text(f"127.0.0.1:{server.port}:the shop:guarded:p\\:w\\\\d\n")
    secrets.chmod(0o600)
    services = tmp_path / "services.conf"
    services.write_text(f"[shop]\nhost=127.0.0.1\nport={server.port}\ndbname=the shop\nuser=guarded\n"
                        f"sslmode=verify-full\nsslrootcert={root}\n")
    bare_project.config({"project": "t", "migrations": "migrations", "environments": {
        "keywords": {"url": "service=shop"}, "url": {"url": "postgresql:///?service=shop"}, "variables": {"url": "postgresql://"}}})
    return server, {
        "PGSERVICEFILE": services, "PGPASSFILE": secrets}, {
        "PGHOST": "127.0.0.1", "PGPORT": server.port, "PGDATABASE": "the shop", "PGUSER": "guarded",
        "PGPASSFILE": secrets, "PGSSLMODE": "verify-full", "PGSSLROOTCERT": root}


def test_service_and_pass_files_and_variables(guarded, bare_project):
    server, service, variables = guarded
    for version, (name, env) in enumerate((("keywords", service), ("url", service), ("variables", variables)), 1):
        bare_project.migration(version, name, f"CREATE TABLE {name} AS SELECT ssl, current_user::text FROM pg_stat_ssl"
                                              " WHERE pid = pg_backend_pid();")
        bare_project.godwit("--env", name, "up", code=0, env=env)
        with server.connect("the shop") as connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {name}")
            assert cursor.fetchall() == [(True, "guarded")]
    lacking = bare_project.godwit("--env", "url", "status", code=4, env={**service, "PGPASSFILE": "/nowhere"})
    assert 'the password of "guarded"' in lacking.err
    unknown = bare_project.godwit("--env", "url", "status", code=2, env={"PGSERVICEFILE": "/nowhere"})
    assert "/nowhere" in unknown.err


def test_a_certificate_that_does_not_prove_the_server(guarded, bare_project, tmp_path):
    _, _, variables = guarded
    bare_project.migration(1, "one", "SELECT 1;")
    other = tmp_path / "other.crt"
    system.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=other", "-keyout",
                tmp_path / "other.key", "-out", other])
    for wrong, says in (({"PGSSLROOTCERT": other}, "certificate verify failed"),
                        ({"PGHOST": "elsewhere", "PGHOSTADDR": "127.0.0.1"}, "elsewhere")):
        error = bare_project.godwit("--env", "variables", "up", "--json", code=4, env={**variables, **wrong}).json["error"]
        assert error["kind"] == "connect" and says in error["detail"] and "sslrootcert" in error["hint"]


def test_the_pool_of_the_environment_bounds_a_run(project, database):
    """Tenants run several at once, unless one session is all that the pool may have."""
    database.execute("CREATE TABLE public.seen (n int)" + "".join(f"; CREATE SCHEMA tenant_{n}" for n in range(5)))
    project.migration(1, "look", "CREATE TABLE mine (id int);\nSELECT pg_advisory_xact_lock_shared(77001);\n"
                                 "INSERT INTO public.seen SELECT count(*) FROM pg_locks WHERE objid = 77001 AND granted;\n")
    project.config({"project": "t", "migrations": "migrations", "environments": {"dev": {
        "url": database.url, "pool": {"max": 1}, "for_each": {"schemas": "tenant\\_%", "jobs": 5}}}})
    project.godwit("up", code=0)
    assert database.execute("SELECT n FROM public.seen") == 5 * [(1,)]
    project.config({"project": "t", "migrations": "migrations", "environments": {"dev": {
        "url": database.url, "pool": {"min": 3, "max": 2}}}})
    error = project.godwit("status", "--json", code=2).json["error"]
    assert "min" in error["message"] and error["where"]


def probes(port):
    """Seconds to the next keepalive of each connection to that port (proc(5): timer 2, hundredths)."""
    found = []
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        timer, when = words[5].split(":")
        if int(words[2].split(":")[1], 16) == port and words[3] == "01" and timer == "02":
            found.append(int(when, 16) / 100)
    return found


@pytest.mark.parametrize("words,most", [("", 30), ("&keepalives_idle=600", 600)])
def test_a_silent_peer_is_asked_whether_it_is_there(make_server, bare_project, words, most):
    server = make_server()
    bare_project.migration(1, "long", "SELECT pg_sleep(600);")
    running = bare_project.start("--url", f"postgresql://postgres@127.0.0.1:{server.port}/postgres?user=postgres{words}", "up")
    until(lambda: len(probes(server.port)) == 2)
    assert all(most - 30 < left <= most for left in probes(server.port))
    running.kill()
