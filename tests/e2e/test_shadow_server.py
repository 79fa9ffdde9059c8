"""`godwit db` knows the private server of shadow databases."""
import shutil
import subprocess


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
    assert not shutil.os.path.exists(shadow)


def test_db_stop_and_destroy_where_the_database_is_elsewhere(bare_project, database):
    bare_project.godwit("init", code=0)
    elsewhere = ("--url", database.url)
    assert bare_project.godwit(*elsewhere, "db", "stop", code=2).err
    shadow = shadow_beside(bare_project)
    bare_project.godwit(*elsewhere, "db", "stop", code=0)
    bare_project.godwit(*elsewhere, "db", "destroy", "--yes", code=0)
    assert not shutil.os.path.exists(shadow)
    bare_project.godwit("db", "destroy", "--yes", code=0)
