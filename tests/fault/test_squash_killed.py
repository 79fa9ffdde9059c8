"""SIGKILL of squash before each change that it makes to the folder of migrations: either nothing has happened, or the
next `godwit squash` brings it to its end; no file is lost, and nobody reads a folder that is half way."""
import shutil
import signal
import subprocess

import pytest

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void count(const char *path)
{
    static int seen;
    const char *folder = getenv("KILL_FOLDER"), *at = getenv("KILL_AT");
    if (folder && at && strncmp(path, folder, strlen(folder)) == 0 && ++seen == atoi(at))
        kill(getpid(), SIGKILL);
}

int rename(const char *from, const char *to)
{
    count(from);
    return ((int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename"))(from, to);
}

int unlink(const char *path)
{
    count(path);
    return ((int (*)(const char *))dlsym(RTLD_NEXT, "unlink"))(path);
}
"""
BEGIN = {"1_a.up.sql": "CREATE TABLE a (id int);", "1_a.down.sql": "DROP TABLE a;",
         "2_b.up.sql": "CREATE TABLE b (id int);", "2_b.down.sql": "DROP TABLE b;", "3_c.up.sql": "CREATE TABLE c (id int);"}
NODE = {f"{n}_{t}.sql": f"-- Up Migration\nCREATE TABLE {t} (id int);\n-- Down Migration\nDROP TABLE {t};\n"
        for n, t in ((1, "a"), (2, "b"), (3, "c"))}


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shim")
    (folder / "kill.c").write_text(SHIM)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", folder / "kill.so", folder / "kill.c", "-ldl"], check=True)
    folder.chmod(0o755)
    return folder / "kill.so"


def files(folder):
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("begin,new", [(BEGIN, "2_squashed.up.sql"), (NODE, "2_b.sql")])
def test_killed_before_each_step(project, shim, begin, new, record_property):
    folder = project / "migrations"
    at, finished, nothing = 0, 0, 0
    while True:
        at += 1
        shutil.rmtree(folder, ignore_errors=True)
        for name, text in begin.items():
            project.write(f"migrations/{name}", text)
        running = project.start("squash", "--to", "2", env={
            "LD_PRELOAD": shim, "KILL_FOLDER": f"{folder}/", "KILL_AT": at, "ASAN_OPTIONS": "verify_asan_link_order=0"})
        running.process.communicate(timeout=300)
        if running.process.returncode == 0:
            break
        assert running.process.returncode == -signal.SIGKILL
        left = files(folder)
        if ".godwit-squash" not in left:
            nothing += 1
            assert {n: t for n, t in left.items() if not n.startswith(".")} == begin or new in left
        else:
            finished += 1
            assert "was interrupted" in project.godwit("status", code=1).err
        if ".godwit-squash" in left:
            assert "finished" in project.godwit("squash", code=0).out
        elif new not in left or left[new] == begin.get(new):
            project.godwit("squash", "--to", "2", code=0)
        now = files(folder)
        olds = {n: t for n, t in begin.items() if not n.startswith("3_")}
        assert {n.partition("/")[2]: t for n, t in now.items() if n.startswith("squashed/")} == olds
        assert ".godwit-squash" not in now  # of a file half written its temporary one may stay: nobody reads it
        assert sorted(n for n in now if "/" not in n and not n.startswith(".")) == sorted([new, *(n for n in begin if n.startswith("3_"))])
        assert "replaces=1,2" in now[new]
        assert set(project.states()) == {"2", "3"}
    assert finished >= len(begin) - 1 and nothing >= 1
    record_property("summary", f"squash killed before each of {at - 1} steps: {finished} brought to their end, {nothing} had done nothing")
