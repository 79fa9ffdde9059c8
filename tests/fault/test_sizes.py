"""Big files and many of them: memory stays flat, and what cannot be is a clear error."""
import subprocess
import sys

import pytest

from harness import system

PEAK_KB = 32 * 1024


def measured(project, *words, url, timeout=280):
    """(exit code, stdout, stderr, peak resident KB) of a run of its own."""
    # A child begins with the peak of who started it: somebody small has to.
    small = ("import resource, subprocess, sys; code = subprocess.call(sys.argv[2:]);"
             "open(sys.argv[1], 'w').write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss));"
             "sys.exit(code)")
    peak = project.path / ".peak"
    argv = [sys.executable, "-c", small, peak, project._program.binary, "--url", url, *words]
    environment = {**system.clean_environment(), "HOME": str(project.path)}
    done = subprocess.run(argv, cwd=project.path, env=environment, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=timeout, check=False)
    return done.returncode, done.stdout, done.stderr, int(peak.read_text())


def sanitized(binary):
    return b"__asan_init" in open(binary, "rb").read()


@pytest.fixture
def plain(project, godwit):
    """A project whose memory says something: sanitizers keep what is freed."""
    if sanitized(godwit.binary):
        other = godwit.binary.parents[1] / "build" / "godwit"
        if not other.exists():
            pytest.skip("memory of a sanitizer's build says nothing: make builds the other one")
        godwit.binary = other
    return project


def test_a_gigabyte_of_copy_in_flat_memory(plain, database, summary):
    line = "".join(f"{i}\t{i * 7919} {'some text ' * 80}\n" for i in range(20000))
    path = plain.write("migrations/1_big.up.sql", "CREATE UNLOGGED TABLE big (n int, note text);\n"
                       "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;\n"
                       "CREATE TRIGGER nothing BEFORE INSERT ON big FOR EACH ROW WHEN (NEW.n % 1000 <> 0)"
                       " EXECUTE FUNCTION nothing();\nCOPY big (n, note) FROM stdin;\n")
    size = 0
    with open(path, "ab") as file:
        raw = line.encode()
        while size < 1 << 30:
            size += file.write(raw)
        file.write(b"\\.\nSELECT 1;\n")
    times = size // len(raw)
    try:
        code, _, err, peak = measured(plain, "up", url=database.url)
    finally:
        path.unlink()
    assert code == 0, err
    assert database.value("SELECT count(*) FROM big") == times * 20
    assert peak < PEAK_KB, f"{peak} KB"
    summary(f"a COPY file of {size >> 20} MB: peak {peak / 1024:.1f} MB")


def test_one_statement_of_three_hundred_megabytes(plain, database, summary):
    """One line, one INSERT. It has to be in memory as a whole; a few times over is the limit."""
    size = 300 << 20
    path = plain.write("migrations/1_long.up.sql", "CREATE TABLE long (n int, note text);\nINSERT INTO long VALUES ")
    value = "(1, '" + "x" * 65000 + "')"
    with open(path, "ab") as file:
        rows = size // len(value)
        file.write(",".join([value] * rows).encode())
        file.write(b";\n")
    try:
        code, _, err, peak = measured(plain, "up", url=database.url)
    finally:
        path.unlink()
    assert code == 0, err
    assert database.value("SELECT count(*) FROM long") == rows
    assert peak < 4 * size // 1024, f"{peak} KB"
    summary(f"one statement of {size >> 20} MB: peak {peak / 1024:.0f} MB")


def test_a_statement_over_the_servers_limit_is_a_clear_error(plain, database, summary):
    """1 GB is the most that a message may be."""
    path = plain.write("migrations/1_long.up.sql", "CREATE TABLE long (note text);\nINSERT INTO long VALUES ('")
    with open(path, "ab") as file:
        for _ in range(1100):
            file.write(b"x" * (1 << 20))
        file.write(b"');\n")
    try:
        code, _, err, peak = measured(plain, "up", url=database.url)
    finally:
        path.unlink()
    assert code in (1, 2), err
    assert "1_long.up.sql:2" in err and "hint:" in err, err
    assert database.tables() == []
    summary(f"one statement of 1100 MB: exit {code}, peak {peak / 1024:.0f} MB: {err.splitlines()[0]}")


def test_twenty_thousand_files(plain, database, summary):
    for n in range(1, 20001):
        plain.migration(n, f"file_{n}", "SELECT 1;\n")
    code, out, err, peak = measured(plain, "up", "-q", "--json", url=database.url)
    assert code == 0, err
    assert database.value("SELECT count(*) FROM godwit.migrations WHERE state = 'applied'") == 20000
    code, out, err, idle = measured(plain, "up", "--json", url=database.url)
    assert code == 0 and '"applied":[]' in out, out + err
    code, out, err, status = measured(plain, "status", "--check", url=database.url)
    assert code == 0, err
    # A few KB a file: what is known of each, not its text.
    assert peak < 20000 * 8 and status < 20000 * 8, f"{peak} KB, {status} KB"
    summary(f"20,000 files: peak {peak / 1024:.0f} MB to run, {idle / 1024:.0f} MB with nothing to do,"
            f" {status / 1024:.0f} MB for status")
