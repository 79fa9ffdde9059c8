"""Backups as godwit serve shows them: listed, verified by an operator, counted in the metrics, with room for the next one."""
import json
import pathlib
import shutil

import pytest

from harness import system


@pytest.fixture
def kept(project, server):
    if server.major > system.PG_DUMP_MAJOR:
        pytest.skip("pg_dump here is older than the server")
    project.migration(1, "first", "CREATE TABLE a (id int); INSERT INTO a SELECT generate_series(1, 300);", "DROP TABLE a;")
    project.godwit("up", code=0)
    return project


def made(project):
    return json.loads(project.godwit("--json", "backup", code=0).out)


def figures(serve, token):
    lines = serve.get("/metrics", token=token).text.splitlines()
    return {k: float(v) for k, v in (line.rsplit(" ", 1) for line in lines if line.startswith("godwit_backup"))}


def test_listed_verified_and_counted(kept, make_serve):
    serve = make_serve(kept, "--no-drift")
    viewer, operator = serve.token(), serve.token("operator")
    assert serve.get("/api/v1/backups").status == 401
    assert serve.get("/api/v1/backups", token=viewer).json == {"backups": []}
    assert figures(serve, viewer) == {"godwit_backups": 0, "godwit_backups_unreadable": 0, "godwit_backups_bytes": 0}
    first, second = made(kept), made(kept)
    broken = pathlib.Path(second["path"]).with_name("broken.gwb")
    broken.write_bytes(b"no backup")
    listed = serve.get("/api/v1/backups", token=viewer).json
    assert listed == kept.godwit("--json", "backups", "list", code=0).json
    assert [b["id"] for b in listed["backups"]] == [second["id"], first["id"], "broken"]
    assert listed["backups"][2]["trouble"] and listed["backups"][2]["created_at"] is None
    assert listed["backups"][0]["verified_at"] is None and listed["backups"][0]["migration_version"] == "1"
    now, sizes = figures(serve, viewer), [b["bytes"] for b in listed["backups"][:2]]
    assert (now["godwit_backups"], now["godwit_backups_unreadable"]) == (2, 1)
    assert [now["godwit_backup_bytes"], now["godwit_backups_bytes"]] == [sizes[0], sum(sizes)]
    assert 0 <= now["godwit_backup_age_seconds"] < 3600 and "godwit_backup_verified_age_seconds" not in now

    assert serve.post("/api/v1/backups/verify", {"id": first["id"]}, token=viewer).status == 403
    # The newest, where none is named; the result is the command's.
    result = serve.job("/api/v1/backups/verify", token=operator)["result"]
    assert (result["id"], result["equal"]) == (second["id"], True) and result["rows"] >= 300
    assert serve.job("/api/v1/backups/verify", {"id": first["id"]}, token=operator)["result"]["equal"]
    assert all(b["verified_at"] for b in serve.get("/api/v1/backups", token=viewer).json["backups"][:2])
    assert figures(serve, viewer)["godwit_backup_verified_age_seconds"] < 3600
    assert "serve backups verify" in {e["action"] for e in kept.godwit("--json", "history", code=0).json["events"]}

    # What is damaged is found, and a name is a name: nothing else of the machine can be pointed at.
    shutil.copy(first["path"], broken)
    data = bytearray(broken.read_bytes())
    data[-40] ^= 1
    broken.write_bytes(data)
    assert "damaged" in serve.job("/api/v1/backups/verify", {"id": "broken"}, token=operator, state="failed")["error"]["message"]
    for path in (first["path"], "../x", "godwit.yaml", "", "a b", ["x", "y"]):
        assert serve.post("/api/v1/backups/verify", {"id": path}, token=operator).status == 400, path
    assert serve.post("/api/v1/backups/verify", {"passphrase_file": "/etc/passwd"}, token=operator).status == 400


def test_of_another_environment_is_not_ours(kept, make_serve, database):
    made(kept)
    kept.config({"default": "other", "environments": {"test": {"url": database.url}, "other": {"url": database.url}}})
    serve = make_serve(kept, "--no-drift")
    assert figures(serve, serve.token())["godwit_backups"] == 0


def test_ready_only_with_room_for_another(kept, make_serve, tmp_path):
    serve = make_serve(kept, "--no-drift")
    assert "backups" not in serve.get("/health/ready").text  # nobody makes any
    folder = kept.path / "backups"
    folder.write_text("a file in its place")
    said = {c["name"]: c["reason"] for c in kept.godwit("health", "--no-drift", "--json", code=3).json["checks"]}
    assert said["backups"] == "the folder of backups cannot be written to"
    folder.unlink()
    backup = made(kept)
    health = {c["name"]: c for c in kept.godwit("health", "--no-drift", "--json", code=0).json["checks"]}
    assert health["backups"]["ok"]
    small = tmp_path / "small"
    small.mkdir()
    if not system.mount_small(small, "1m"):
        pytest.skip("needs root")
    try:
        kept.config(kept.read("godwit.yaml") + f"backup: {{ directory: {small} }}\n")
        kept.godwit("health", "--no-drift", code=0)
        (small / "filler").write_bytes(b"x" * 900_000)
        full = make_serve(kept, "--no-drift").get("/health/ready")
        assert full.status == 503 and "the disk has no room for another backup" in full.text
        assert str(small) not in full.text  # asked by anybody: no places, no names
    finally:
        system.unmount(small)
    assert backup["bytes"] < 900_000
