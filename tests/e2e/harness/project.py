"""A folder with a godwit.yaml and migrations."""
import json
import os
import shutil


class Project:
    """A project in a folder of its own. Calls the program in it: project.godwit("up", code=0)."""

    def __init__(self, path, program, url=None):
        self.path = path
        self._program = program
        if url is not None:
            self.config(f"project: test\nmigrations: migrations\ndefault: test\n"
                        f"environments:\n  test: {{ url: {json.dumps(url)} }}\n")
            (path / "migrations").mkdir(exist_ok=True)

    def __fspath__(self):
        return os.fspath(self.path)

    def __truediv__(self, name):
        return self.path / name

    def godwit(self, *words, **options):
        return self._program(*words, cwd=self.path, **options)

    def start(self, *words, **options):
        return self._program.start(*words, cwd=self.path, **options)

    def config(self, text):
        """Write godwit.yaml: text, or a value (JSON is YAML)."""
        return self.write("godwit.yaml", text if isinstance(text, (str, bytes)) else json.dumps(text, indent=2))

    def write(self, name, content=""):
        """Write a file, folders and all; text as UTF-8 with its line ends as given."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def migration(self, version, name, up, down=None):
        """migrations/VERSION_NAME.up.sql and, where `down` is given, its .down.sql."""
        stem = f"migrations/{version}_{name}"
        if down is not None:
            self.write(f"{stem}.down.sql", down)
        return self.write(f"{stem}.up.sql", up)

    def read(self, name):
        return (self.path / name).read_text()

    def remove(self, name):
        path = self.path / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    def states(self, **options):
        """{version: state} of `status --json`."""
        status = self.godwit("status", "--json", code=0, **options).json
        return {m["version"]: m["state"] for m in status["migrations"]}
