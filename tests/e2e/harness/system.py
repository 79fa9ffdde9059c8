"""The machine: folders that the server's user can reach, ports, processes."""
import contextlib
import functools
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile

IS_ROOT = os.geteuid() == 0
# PostgreSQL and pgbouncer refuse root; whoever runs the tests otherwise runs them too.
SERVER_USER = "postgres" if IS_ROOT else pwd.getpwuid(os.geteuid()).pw_name
# As new as servers of the system, and not newer: it refuses those of later versions.
PG_DUMP_MAJOR = max(int(p.parent.parent.name) for p in pathlib.Path("/usr/lib/postgresql").glob("*/bin/pg_dump"))


def as_server_user(argv):
    if not IS_ROOT:
        return [str(a) for a in argv]
    return ["setpriv", f"--reuid={SERVER_USER}", f"--regid={SERVER_USER}", "--clear-groups",
            *(str(a) for a in argv)]


def give_to_server_user(path):
    if IS_ROOT:
        shutil.chown(path, SERVER_USER, SERVER_USER)


def reachable_by_server_user(path):
    return subprocess.run(as_server_user(["test", "-x", path]), check=False).returncode == 0


@functools.cache
def folders():
    """Where the folders of tests lie: in memory where there is plenty. A database is a thousand files, and to
    make and remove one costs a disk's file system ten times as much."""
    memory, here = pathlib.Path("/dev/shm"), "/tmp"
    with contextlib.suppress(OSError):
        state = os.statvfs(memory)
        in_memory = any(line.split()[1:3] == [str(memory), "tmpfs"] for line in open("/proc/mounts", encoding="utf-8"))
        if in_memory and os.access(memory, os.W_OK) and not state.f_flag & (os.ST_NOEXEC | os.ST_RDONLY) \
                and state.f_bavail * state.f_frsize >= 4 << 30:
            here = str(memory)
    return here


def make_folder(prefix):
    """A short path (a socket has 107 bytes) that every user can pass through."""
    path = pathlib.Path(tempfile.mkdtemp(prefix=f"gw-{prefix}-", dir=folders()))
    path.chmod(0o755)
    return path


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def run(argv, **options):
    """Run a helper program; what it said is in the failure."""
    done = subprocess.run([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False,
                          timeout=options.pop("timeout", 120), **options)
    assert done.returncode == 0, f"{' '.join(map(str, argv))} exited {done.returncode}:\n{done.stdout}"
    return done.stdout


def clean_environment():
    """The caller's environment without anything that would steer libpq or Godwit."""
    steering = ("PG", "GODWIT_", "OTEL_", "ASAN_", "UBSAN_", "LSAN_", "TSAN_")
    named = {"DATABASE_URL", "SOURCE_DATABASE_URL", "NO_COLOR", "EDITOR", "PAGER"}
    env = {k: v for k, v in os.environ.items() if not k.startswith(steering) and k not in named}
    env.update(LC_ALL="C.UTF-8", TZ="UTC", TERM="dumb")
    return env


def mount_small(path, size):
    """A file system of its own, for a full disk. Whether that was possible (root is needed)."""
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", path],
                          stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.returncode == 0


def unmount(path):
    subprocess.run(["umount", path], stdin=subprocess.DEVNULL, capture_output=True, check=False)
