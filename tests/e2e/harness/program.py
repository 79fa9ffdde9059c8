"""The program under test, run as a user would run it."""
import contextlib
import dataclasses
import fcntl
import json
import os
import pathlib
import pty
import select
import signal
import struct
import subprocess
import termios
import time

from . import system
from .waiting import PATIENCE

ROOT = pathlib.Path(__file__).resolve().parents[3]

# What a sanitizer's finding exits with: no command ever does.
SANITIZER_EXIT = 99
SANITIZERS = {
    "ASAN_OPTIONS": f"exitcode={SANITIZER_EXIT}:detect_leaks=1:abort_on_error=0:detect_stack_use_after_return=1",
    "LSAN_OPTIONS": f"exitcode={SANITIZER_EXIT}:print_suppressions=0",
    "UBSAN_OPTIONS": f"halt_on_error=1:exitcode={SANITIZER_EXIT}:print_stacktrace=1",
    "TSAN_OPTIONS": f"halt_on_error=1:exitcode={SANITIZER_EXIT}",
}
# Started in the background of a shell, or under nohup, these are ignored, by every child too.
for ignored, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGQUIT, signal.SIG_DFL),
                         (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(ignored) == signal.SIG_IGN:
        signal.signal(ignored, handler)

FINDINGS = ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:")


def find_binary():
    """GODWIT_BIN, or the sanitizer build's, or the plain one's."""
    named = os.environ.get("GODWIT_BIN")
    candidates = [named] if named else [f"{d}/{p}" for d in ("build-san", "build")
                                        for p in ("godwit", "src/cmd/godwit")]
    for candidate in candidates:
        path = (ROOT / candidate).resolve()
        if path.is_file() and os.access(path, os.X_OK):
            return path
    raise AssertionError(f"no godwit at {', '.join(candidates)}: run make, or set GODWIT_BIN")


@dataclasses.dataclass
class Result:
    argv: list
    code: int
    out: str
    err: str
    seconds: float

    stdout = property(lambda self: self.out)
    stderr = property(lambda self: self.err)

    @property
    def json(self):
        """The one JSON document on standard output."""
        try:
            return json.loads(self.out)
        except ValueError as error:
            raise AssertionError(f"not one JSON document: {error}\n{self}") from error

    @property
    def lines(self):
        """NDJSON: one document a line."""
        return [json.loads(line) for line in self.out.splitlines() if line.strip()]

    def __str__(self):
        return (f"$ {' '.join(map(str, self.argv))}\n[exit {self.code}]\n"
                f"--- stdout\n{self.out}\n--- stderr\n{self.err}")


def judge(argv, code, out, err, seconds, expected):
    """A Result, or a failure: a signal or a sanitizer's finding is one whatever was expected."""
    result = Result(argv, code, out.decode(errors="replace"), err.decode(errors="replace"), seconds)
    found = code == SANITIZER_EXIT or any(f in result.err for f in FINDINGS)
    assert not found, f"a sanitizer complained\n{result}"
    assert code >= 0, f"died of {signal.Signals(-code).name}\n{result}"
    if expected is not None:
        expected = (expected,) if isinstance(expected, int) else tuple(expected)
        assert code in expected, f"expected exit {' or '.join(map(str, expected))}\n{result}"
    return result


class Running:
    """A godwit that has not ended yet."""

    def __init__(self, argv, process):
        self.argv, self.process = argv, process
        self.pid = process.pid
        self.started = time.monotonic()
        self._said = b""

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        """SIGKILL, and wait: nothing is expected of it any more."""
        self.process.kill()
        self.process.communicate()

    def said(self):
        """What it has written to stderr so far."""
        stream = self.process.stderr.fileno()
        os.set_blocking(stream, False)
        with contextlib.suppress(BlockingIOError):
            while data := os.read(stream, 65536):
                self._said += data
        return self._said.decode(errors="replace")

    def finish(self, code=None, timeout=PATIENCE):
        """Wait for its end and judge it as godwit() would."""
        try:
            out, err = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired as late:
            self.process.kill()
            out, err = self.process.communicate()
            raise AssertionError(f"did not end in {timeout} s: {' '.join(map(str, self.argv))}\n"
                                 f"{out.decode(errors='replace')}\n{err.decode(errors='replace')}") from late
        return judge(self.argv, self.process.returncode, out, self._said + err,
                     time.monotonic() - self.started, code)


class Godwit:
    """Calls the program: godwit("up", "--json", url=…, code=0).

    cwd    where it runs (a Project or a path)
    code   the exit code or codes expected; None: any but a crash or a sanitizer's finding
    env    variables added to a clean environment; a value of None removes one
    """

    def __init__(self, binary, home, environment=None):
        self.binary = binary
        self.home = home
        self.environment = environment or {}
        self.running = []

    def __call__(self, *words, timeout=PATIENCE, code=None, **options):
        return self.start(*words, **options).finish(code, timeout)

    def start(self, *words, cwd=None, env=None, url=None, input=None, pass_fds=()):
        """Start it and go on; kill() or finish() what is returned."""
        environment = {**system.clean_environment(), **SANITIZERS, "HOME": str(self.home),
                       **self.environment, **(env or {})}
        environment = {k: str(v) for k, v in environment.items() if v is not None}
        argv = [self.binary, *(["--url", url] if url else []), *words]
        argv = [os.fspath(a) if isinstance(a, os.PathLike) else str(a) for a in argv]
        cwd = getattr(cwd, "path", cwd) or self.home
        process = subprocess.Popen(
            argv, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL if input is None else subprocess.PIPE, pass_fds=pass_fds)
        if input is not None:
            process.stdin.write(input.encode() if isinstance(input, str) else input)
            process.stdin.close()
            process.stdin = None
        running = Running(argv, process)
        self.running.append(running)
        return running

    def on_terminal(self, *words, cwd=None, env=None, timeout=PATIENCE, columns=100):
        """Run it on a terminal of its own; (exit code, all that it wrote there)."""
        pid, terminal = pty.fork()
        if pid == 0:
            environment = {**system.clean_environment(), **SANITIZERS, "HOME": str(self.home),
                           **self.environment, "TERM": "xterm", **(env or {})}
            os.chdir(getattr(cwd, "path", cwd) or self.home)
            os.execve(self.binary, [str(self.binary), *map(str, words)],
                      {k: str(v) for k, v in environment.items()})
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))
        deadline, said = time.monotonic() + timeout, b""
        while select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0]:
            try:
                chunk = os.read(terminal, 65536)
            except OSError:  # EIO: the other side has closed it
                chunk = b""
            if not chunk:
                break
            said += chunk
        else:
            os.kill(pid, signal.SIGKILL)
        os.close(terminal)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        result = judge([self.binary, *words], code, said, said, timeout, None)
        return code, result.out

    def end_all(self):
        for running in self.running:
            if running.process.poll() is None:
                running.kill()
