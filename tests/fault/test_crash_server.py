"""SIGKILL of the whole server at random moments: what was reported stays, the rest goes on."""
import json
import random
import time

import pytest

from harness.killing import FILES, seed_of

# A commit that is not waited for is gone with a crash within three times wal_writer_delay: long
# enough here that every such commit would be lost if nothing flushed it.
SETTINGS = "wal_writer_delay = 10s\nwal_writer_flush_after = 0\nrestart_after_crash = on\n"


def applied(database):
    if not database.value("SELECT to_regclass('godwit.migrations')"):
        return set()
    return {v for (v,) in database.execute("SELECT version FROM godwit.migrations WHERE state = 'applied'")}


@pytest.mark.parametrize("words, chunk, kills", [("up", 0, 15), ("up", 1, 15), ("down", 0, 10)])
def test_server_killed_during_a_run(make_server, make_experiment, summary, words, chunk, kills):
    server = make_server(SETTINGS)
    experiment = make_experiment(words, on=server)
    seed = seed_of(f"crash-{words}", chunk)
    chance, finished, middle = random.Random(seed), 0, 0
    for number in range(kills):
        moment = chance.uniform(0, experiment.seconds)
        said = f"seed {seed}, crash {number} at {1000 * moment:.1f} ms"
        database = experiment.database()
        server.execute("CHECKPOINT")
        running = experiment.begin(database)
        time.sleep(moment)  # the moment is the experiment
        server.kill()
        server.start()
        result = running.finish(None, 120)
        # 0: it had ended before. 4, 1: the connection went. Never "it is done" where it is not.
        assert result.code in (0, 1, 4), f"{said}\n{result}"
        left = experiment.left_to_do(database)
        finished += result.code == 0
        middle += 0 < left < FILES
        assert result.code != 0 or left == 0, f"{said}: reported as done, {left} files lost\n{result}"
        try:
            experiment.again(database)
        except AssertionError as error:
            raise AssertionError(f"{said}\n{error}") from error
        experiment.check(database, said)
        database.drop()
    summary(f"{kills} crashes of the server during {words} within {experiment.seconds:.2f} s (seed {seed}): "
            f"{middle} left a part of the files, {finished} came after the end; each was finished")


def test_what_is_reported_outlives_a_crash(make_server, make_project, summary):
    """up --steps N; the server dies at the moment that the program has ended."""
    server = make_server(SETTINGS)
    project = make_project()
    project.config({"project": "t", "migrations": "migrations", "default": "t",
                    "environments": {"t": {"url": server.url("postgres")}}})
    for n in range(1, 61):
        project.migration(n, "t", f"CREATE TABLE t{n} (id int);", f"DROP TABLE t{n};")
    project.migration(36, "broken", "SELECT 1 / 0;")
    project.remove("migrations/36_t.up.sql")
    project.remove("migrations/36_t.down.sql")
    database = server.create_database()
    reported = set()
    for words in (("up", "--steps", "7"), ("up", "--steps", "1"), ("up", "--steps", "20"),
                  ("down", "--steps", "9"), ("up", "--atomic", "--steps", "5"), ("down", "--steps", "2")):
        result = project.godwit(*words, "--json", url=database.url, code=0)
        server.kill()
        server.start()
        said = json.loads(result.out)
        if words[0] == "up":
            reported |= {m["version"] for m in said["applied"]}
        else:
            reported -= {m["version"] for m in said["reverted"]}
        assert applied(database) == reported, f"{words}\n{result}"
        assert set(database.tables()) == {f"t{v}" for v in reported}, words
    # One that fails half-way reports in words: what ran before it is there, too.
    result = project.godwit("up", url=database.url, code=1)
    server.kill()
    server.start()
    assert applied(database) == {str(n) for n in range(1, 36)}, result
    summary("7 crashes right after the end of up and down: all that was reported was there")
