"""`godwit db` knows the private server of shadow databases."""
import fcntl
import os
import shutil
import subprocess
import time

import pytest

from harness import system


def shadow_beside(project):
    """As a run leaves it below .godwit: a stopped cluster."""
    data = project.godwit("db", "start", "--json", code=0).json["data_directory"]
    project.godwit("db", "stop", code=0)
    shadow = data.rsplit("/", 1)[0] + "/shadow/15"
    subprocess.run(["mkdir", "-p", shadow.rsplit("/", 1)[0]], check=True)
    subprocess.run(["cp", "-a", data, shadow], check=True)
    return shadow


def test_db_shows_and_removes_the_shadow_server(bare_project):
    bare_project.godwit("init", code=0)
    assert bare_project.godwit("db", "status", "--json", code=0).json["shadow_servers"] == []
    shadow = shadow_beside(bare_project)
    (server,) = bare_project.godwit("db", "status", "--json", code=0).json["shadow_servers"]
    assert server["data_directory"] == shadow and server["running"] is False
    assert "shadow server" in bare_project.godwit("db", "status", code=0).out
    bare_project.godwit("db", "stop", code=0)
    bare_project.godwit("db", "destroy", "--yes", code=0)
    assert bare_project.godwit("db", "status", "--json", code=0).json["shadow_servers"] == []
    assert not os.path.exists(shadow)


def test_db_stop_and_destroy_where_the_database_is_elsewhere(bare_project, database):
    bare_project.godwit("init", code=0)
    elsewhere = ("--url", database.url)
    assert bare_project.godwit(*elsewhere, "db", "stop", code=2).err
    shadow = shadow_beside(bare_project)
    bare_project.godwit(*elsewhere, "db", "stop", code=0)
    bare_project.godwit(*elsewhere, "db", "destroy", "--yes", code=0)
    assert not os.path.exists(shadow)
    bare_project.godwit("db", "destroy", "--yes", code=0)


@pytest.mark.slow
def test_a_server_that_nobody_has_used_for_a_week_goes(make_project, database):
    """Not while somebody uses it, and it is made anew when it is wanted."""
    home = system.make_folder("shadows")
    try:
        idle, other = make_project(), make_project()
        for project in (idle, other):
            project.config({"project": "t", "shadow": {"directory": str(home)}, "environments": {"x": {"url": database.url}}})
            project.migration(1, "a", "CREATE TABLE a (id int);")

        def use(project):
            project.godwit("diff", "--from", "migrations", "--to", "migrations", code=0)

        use(idle)
        (users,) = home.glob("godwit-*/*.users")
        cluster = users.with_suffix("")
        assert cluster.is_dir()
        os.utime(users, (time.time() - 8 * 24 * 3600,) * 2)
        with open(users, "r+b") as held:
            fcntl.flock(held, fcntl.LOCK_SH)
            use(other)
        assert cluster.is_dir()
        other.godwit("db", "destroy", "--yes", code=(0, 2))
        use(other)
        assert not cluster.exists() and len(list(home.glob("godwit-*/[0-9][0-9]"))) == 1
        use(idle)
        assert cluster.is_dir() and time.time() - users.stat().st_mtime < 3600
        for project in (idle, other):
            project.godwit("db", "destroy", "--yes", code=(0, 2))
        assert list(home.glob("godwit-*")) == []
    finally:
        shutil.rmtree(home, ignore_errors=True)
