"""Which migration is older than one that is applied: other makers' orders, of files that come, go and change their names."""
import json
import random

import pytest

from harness import tools


def dbmate(project, version, name):
    project.write(f"migrations/{version}_{name}.sql",
                  f"-- migrate:up\nCREATE TABLE {name} (i int);\n-- migrate:down\nDROP TABLE {name};\n")


def applied(project, *words):
    return [m["version"] for m in project.godwit("up", *words, "--json", code=0).json["applied"]]


def late(project):
    """What `up` refuses, by version; nothing has run."""
    project.godwit("up", code=1)
    return [version for version, state in project.states().items() if state == "out_of_order"]


def current(project):
    return project.godwit("status", "--json", code=0).json["current"]


# ---- dbmate: by name -----------------------------------------------------------------------------

def test_dbmate_versions_that_do_not_rise_as_numbers(project):
    dbmate(project, "20240101000000", "a")
    dbmate(project, "20240201000000", "b")
    assert applied(project) == ["20240101000000", "20240201000000"]
    dbmate(project, "202403011200", "c")  # a name behind theirs, and a lesser number
    assert applied(project) == ["202403011200"]
    dbmate(project, "20240401000000", "d")
    assert applied(project) == ["20240401000000"]
    assert current(project) == "20240401000000"
    dbmate(project, "20240115000000", "e")
    assert late(project) == ["20240115000000"]
    assert applied(project, "--out-of-order") == ["20240115000000"]
    dbmate(project, "20240501000000", "f")
    assert applied(project) == ["20240501000000"]
    project.godwit("status", "--check", code=0)
    # The name that broke the rise is gone: the numbers are compared again.
    project.godwit("down", "--to", "202403011200", code=0)
    project.godwit("down", code=0)
    project.remove("migrations/202403011200_c.sql")
    assert applied(project) == ["20240401000000", "20240501000000"]
    project.godwit("status", "--check", code=0)


@pytest.mark.parametrize("sort_key", ["1", "4", "99999999999999"])
def test_what_the_history_has_kept_of_another_day_decides_nothing(project, database, sort_key):
    for version, name in (("20240101", "a"), ("3", "b"), ("5", "c")):
        dbmate(project, version, name)
    project.godwit("up", code=0)
    database.execute(f"UPDATE godwit.migrations SET sort_key = '{sort_key}'")
    dbmate(project, "6", "d")
    assert applied(project) == ["6"]
    dbmate(project, "4", "e")
    assert late(project) == ["4"]
    assert current(project) == "6"


def test_dbmate_an_older_file_beside_one_that_was_taken_back(project):
    dbmate(project, "20200101", "a")
    dbmate(project, "3", "b")
    project.godwit("up", code=0)
    project.godwit("down", code=0)
    dbmate(project, "1", "z")  # 1_z stands before 20200101_a
    assert late(project) == ["1"]
    assert project.states() == {"1": "out_of_order", "20200101": "applied", "3": "pending"}


def test_a_place_among_the_files_is_no_version(project):
    for version, name in (("20", "a"), ("3", "b"), ("40", "c")):
        dbmate(project, version, name)
    assert "--to 2: there is no such migration" in project.godwit("up", "--to", "2", code=2).err
    project.godwit("baseline", "2", code=2)
    project.godwit("baseline", "3", code=0)
    assert project.states() == {"20": "applied", "3": "applied", "40": "pending"}


def test_a_row_without_a_file_stands_where_its_name_would(project):
    for version, name in (("20240101", "a"), ("202402", "b"), ("20240301", "c")):
        dbmate(project, version, name)
    project.godwit("up", code=0)
    project.remove("migrations/20240301_c.sql")
    dbmate(project, "20240401", "d")
    project.godwit("up", code=1)
    assert list(project.states().items()) == [("20240101", "applied"), ("202402", "applied"),
                                              ("20240301", "missing"), ("20240401", "pending")]
    project.godwit("repair", code=0)
    assert applied(project) == ["20240401"]


# ---- drizzle: by journal -------------------------------------------------------------------------

def journal(project, **entries):
    listed = []
    for i, (tag, when) in enumerate(entries.items()):
        tag = tag.removeprefix("f")
        listed.append({"idx": i, "version": "7", "when": when, "tag": tag, "breakpoints": True})
        project.write(f"migrations/{tag}.sql", f"CREATE TABLE t{tag} (i int);")
    project.write("migrations/meta/_journal.json",
                  json.dumps({"version": "7", "dialect": "postgresql", "entries": listed}))


def test_drizzle_an_entry_that_is_older_than_the_one_before_it(project):
    entries = {"f0000_a": 1700000000000, "f0001_b": 1710000000000}
    journal(project, **entries)
    project.godwit("up", code=0)
    for tag, when in (("f0002_c", 1705000000000), ("f0003_d", 1720000000000), ("f0004_e", 1730000000000)):
        entries[tag] = when
        journal(project, **entries)
        assert applied(project) == [tag[1:5]]
    project.godwit("status", "--check", code=0)
    assert current(project) == "0004"
    # One put between them is older, whatever it says of itself.
    items = list(entries.items())
    journal(project, **dict(items[:1] + [("f0005_x", 1740000000000)] + items[1:]))
    assert late(project) == ["0005"]
    assert "drizzle-kit" in project.godwit("up", code=1).err


# ---- Sqitch: by plan -----------------------------------------------------------------------------

def sqitch(project, *lines):
    for line in lines:
        name = line.split()[0]
        project.write(f"migrations/deploy/{name}.sql", f"BEGIN;\nCREATE TABLE {name} (i int);\nCOMMIT;\n")
        project.write(f"migrations/revert/{name}.sql", f"BEGIN;\nDROP TABLE {name};\nCOMMIT;\n")
    project.write("migrations/sqitch.conf", "[core]\n\tengine = pg\n")
    project.write("migrations/sqitch.plan", "%syntax-version=1.0.0\n%project=p\n\n" +
                  "".join(f"{line} P <p@x> # n\n" for line in lines))


@pytest.mark.parametrize("day", ["2024-03-01", "2024-01-15", "2023-01-01"])
def test_sqitch_a_change_before_one_that_is_deployed(project, database, day):
    a, b = "a 2024-01-01T00:00:00Z", "b 2024-02-01T00:00:00Z"
    sqitch(project, a, b)
    project.godwit("up", code=0)
    sqitch(project, a, f"x {day}T00:00:00Z", "b [x] 2024-02-01T00:00:00Z", "c 2024-02-02T00:00:00Z")
    error = project.godwit("up", "--json", code=1).json["error"]
    assert error["detail"] == "x n (migrations/deploy/x.sql)" and error["where"] == "migrations/deploy/x.sql"
    assert "sqitch.plan" in error["hint"] and "--out-of-order" in error["hint"]
    assert project.states() == {"a": "applied", "x": "out_of_order", "b": "applied", "c": "pending"}
    assert database.tables() == ["a", "b"]
    assert applied(project, "--out-of-order") == ["x", "c"]
    project.godwit("status", "--check", code=0)
    project.godwit("down", "--to", "a", code=0)
    assert database.tables() == ["a"]
    assert applied(project) == ["x", "b", "c"]


@pytest.mark.peers
def test_sqitch_itself_deploys_no_change_before_one_that_is_deployed(project, database, make_database):
    a, b = "a 2024-01-01T00:00:00Z", "b 2024-02-01T00:00:00Z"
    theirs = make_database()
    sqitch(project, a, b)
    tools.sqitch(project.path, theirs)
    project.godwit("up", code=0)
    sqitch(project, a, "x 2024-03-01T00:00:00Z", b)
    with pytest.raises(Exception):
        tools.sqitch(project.path, theirs)
    assert theirs.tables() == database.tables() == ["a", "b"]
    assert late(project) == ["x"]


# ---- the tool's own order, files at random -------------------------------------------------------

def log_of(database):
    return [row[0] for row in database.execute("SELECT name FROM ran ORDER BY at")]


def random_versions(seed, count):
    rng = random.Random(seed)
    versions = set()
    while len(versions) < count:
        versions.add(str(rng.randrange(1, 10 ** rng.choice([1, 2, 3, 8, 14]))))
    return rng.sample(sorted(versions), count)


@pytest.mark.peers
@pytest.mark.parametrize("seed", [1, 2])
def test_dbmate_runs_files_in_that_order(project, database, make_database, seed):
    theirs = make_database()
    for each in (theirs, database):
        each.execute("CREATE TABLE ran (at serial, name text)")
    for version in random_versions(seed, 12):
        project.write(f"migrations/{version}_x.sql",
                      f"-- migrate:up\nINSERT INTO ran (name) VALUES ('{version}');\n-- migrate:down\n")
    tools.dbmate(project.path, theirs)
    project.godwit("up", code=0)
    assert log_of(database) == log_of(theirs)
    # Any one of them that comes later is late, but for the last.
    names = log_of(theirs)
    for name in names[3], names[-2], names[-1]:
        database.execute(f"DELETE FROM godwit.migrations WHERE version = '{name}'")
        assert project.states()[name] == ("pending" if name == names[-1] else "out_of_order")
        project.godwit("baseline", names[-1], code=0)
