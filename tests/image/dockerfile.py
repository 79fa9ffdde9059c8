"""A Dockerfile's instructions, followed in plain folders with chroot: no Docker engine needed.

Only what our Dockerfiles use is known; an instruction that is not is an error, never passed over.
"""
import dataclasses
import fnmatch
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess


def parse(text):
    """[(instruction, arguments)], comments dropped and continued lines joined."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n", " ", "\n".join(lines))
    return [tuple(line.strip().split(None, 1)) for line in joined.splitlines() if line.strip()]


def ignored(path, patterns):
    """Does a .dockerignore leave this file, or a folder that it is in, out of the context?"""
    parts = pathlib.PurePath(path).parts
    for pattern in patterns:
        if pattern.startswith("**/"):
            if any(fnmatch.fnmatch(part, pattern[3:]) for part in parts):
                return True
        elif fnmatch.fnmatch(parts[0] if "/" not in pattern else path, pattern):
            return True
    return False


@dataclasses.dataclass
class Stage:
    root: pathlib.Path
    environment: dict
    workdir: str = "/"
    user: str = "root"
    entrypoint: list = dataclasses.field(default_factory=list)
    command: list = dataclasses.field(default_factory=list)

    def inside(self, path):
        """A path of the image as a path of this machine."""
        return self.root / os.path.normpath(os.path.join("/", self.workdir, path)).lstrip("/")

    def run(self, argv, variables=None, timeout=1800):
        """Run argv in the root as the image's user, in its folder, with its variables only."""
        ids = ["--userspec", f"{self.user}:"] if self.user != "root" else []
        script = 'cd "$0" && exec "$@"'
        environment = {**self.environment, **(variables or {})}
        words = ["chroot", *ids, self.root, "/usr/bin/env", "-i",
                 *(f"{k}={v}" for k, v in environment.items()),
                 "/bin/sh", "-c", script, self.workdir, *argv]
        return subprocess.run([str(w) for w in words], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=timeout, check=False)

    def start(self, *arguments, **variables):
        """What `docker run -e NAME=value … IMAGE arguments` does."""
        return self.run([*self.entrypoint, *(arguments or self.command)], variables)


class Builder:
    """Builds the stages of a Dockerfile under `work`; each begins as a copy of `base`.

    contexts   {name: (folder, the files of it that Docker would see)}; None is the build's own, the others are
               what --build-context names
    """

    def __init__(self, base, work, contexts):
        self.base, self.work, self.contexts = base, work, contexts
        self.stages, self.names, self.images = [], {}, []

    def build(self, text):
        for word, rest in parse(text):
            handler = getattr(self, f"_{word.lower()}", None)
            assert handler, f"{word}: not known to this test; teach it {word} first"
            handler(rest)
        return self.stages[-1]

    def _from(self, rest):
        image, name = (re.fullmatch(r"(\S+)(?:\s+AS\s+(\S+))?", rest, re.I)).groups()
        self.images.append(image)
        root = self.work / f"stage{len(self.stages)}"
        subprocess.run(["cp", "-a", "--reflink=auto", self.base, root], check=True)
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        self.stages.append(Stage(root, {"PATH": path}))
        if name:
            self.names[name] = self.stages[-1]

    def _run(self, rest):
        done = self.stages[-1].run(["/bin/sh", "-c", rest])
        assert done.returncode == 0, f"RUN {rest}\nexited {done.returncode}:\n{done.stdout}\n{done.stderr}"

    def _workdir(self, rest):
        stage = self.stages[-1]
        stage.workdir = os.path.normpath(os.path.join(stage.workdir, rest))
        stage.inside(".").mkdir(parents=True, exist_ok=True)

    def _env(self, rest):
        self.stages[-1].environment.update(pair.split("=", 1) for pair in shlex.split(rest))

    def _user(self, rest):
        self.stages[-1].user = rest

    def _entrypoint(self, rest):
        self.stages[-1].entrypoint = json.loads(rest)

    def _cmd(self, rest):
        self.stages[-1].command = json.loads(rest)

    def _copy(self, rest):
        words = shlex.split(rest)
        name = words.pop(0)[len("--from="):] if words[0].startswith("--from=") else None
        *sources, target = words
        assert sources and not any(w.startswith("--") for w in words), f"COPY {rest}: not known here"
        for source in sources:
            if name in self.contexts:
                self._copy_context(*self.contexts[name], source, target)
            else:
                self._copy_path(self.names[name].inside(source), target)

    def _copy_path(self, path, target):
        assert path.exists(), f"COPY: {path} is not there"
        to = self.stages[-1].inside(target)
        to.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", path, to], check=True)

    def _copy_context(self, folder, files, source, target):
        """A folder's contents go into the target, as Docker has it."""
        stage, source = self.stages[-1], os.path.normpath(source)
        found = [f for f in files if source in (".", f) or f.startswith(source + "/")]
        assert found, f"COPY {source}: nothing in the context"
        for file in found:
            if file == source:
                to = stage.inside(target) / os.path.basename(file) if target.endswith("/") else stage.inside(target)
            else:
                to = stage.inside(target) / os.path.relpath(file, source)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(folder / file, to, follow_symlinks=False)
