"""Backups, verifications, prunings, restores and rotations killed at random moments; what has to be true whenever."""
import json
import pathlib
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from . import gwb

MASTER = b"a master key of more than thirty-two bytes"
ROWS = 4000
TABLE = f"""
CREATE TABLE public.t (id int PRIMARY KEY, x text);
INSERT INTO public.t SELECT i, md5(i::text) || md5((i * 7)::text) FROM generate_series(1, {ROWS}) AS i;
"""
DIGEST = "SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM public.t"
ACTIONS = ("backup", "verify", "prune", "restore", "rotate")


def privates(project):
    """Every private half that the key file has, by id."""
    out = {}
    for key in json.loads((pathlib.Path(project.path) / "keys.json").read_text())["keys"]:
        blob = bytes.fromhex(key["sealed"])
        wrapping = HKDF(hashes.SHA256(), 32, blob[6:22], b"godwit key 1").derive(MASTER)
        bound = blob[:34] + key["type"].encode() + b"\0" + bytes.fromhex(key["public"])
        out[key["id"]] = AESGCM(wrapping).decrypt(blob[22:34], blob[34:], bound)
    return out


class Vault:
    """A project with a key and a verified backup, and what is known of it."""

    def __init__(self, project, database, folder):
        self.project, self.database = project, database
        (folder / "master").write_bytes(MASTER)
        self.env = {"GODWIT_MASTER_KEY_FILE": str(folder / "master")}
        project.migration(1, "first", TABLE)
        project.godwit("up", code=0)
        self.content = database.value(DIGEST)
        self.run("keys", "generate", "--type", "x25519")
        started = time.monotonic()
        self.first = json.loads(self.run("--json", "backup").out)["id"]
        made = time.monotonic()
        self.run("backups", "verify")
        self.keys = set(privates(project))
        self.seconds = {"backup": made - started, "prune": (made - started) / 4, "rotate": (made - started) / 2}
        verified = time.monotonic()
        self.run(*self.words("restore"))
        self.seconds |= {"verify": verified - made, "restore": time.monotonic() - verified}

    def run(self, *words):
        return self.project.godwit(*words, env=self.env, code=0)

    def words(self, action):
        return {"backup": ["backup"], "verify": ["backups", "verify", self.first],
                "prune": ["backups", "prune", "--keep", "2"], "rotate": ["keys", "rotate"],
                "restore": ["restore", self.first, "--replace", "--yes"]}[action]

    def files(self, end=".gwb"):
        return sorted(p for p in (pathlib.Path(self.project.path) / "backups").iterdir() if p.name.endswith(end))

    def check(self, said):
        """No half file is taken for a whole one, no database is half another, no key is lost."""
        keys = privates(self.project)
        assert self.keys <= set(keys), said
        self.keys = set(keys)
        for path in self.files():
            opened = [key for key in gwb.key_ids(path) if key in keys]
            assert opened, (said, path)
            assert gwb.read(path, private=keys[opened[0]]).plain, (said, path)
        assert any(p.name.startswith(self.first) for p in self.files()), (said, "the verified one")
        assert self.database.value(DIGEST) == self.content, said

    def kill_once(self, dice, number):
        action = ACTIONS[number % len(ACTIONS)]
        said = (number, action, moment := dice.uniform(0, self.seconds[action]))
        running = self.project.start(*self.words(action), env=self.env)
        time.sleep(moment)
        running.kill()
        self.check(said)
        # What was left is in nobody's way.
        if action == "rotate":
            self.run("keys", "rotate", "--resume")
        else:
            self.run(*self.words(action))
        self.check(said)
        if action == "backup":
            assert self.files(".part") == [], said
        # A restore that was killed behind the swap keeps what was there under its other name.
        for (name,) in self.database.execute("SELECT datname FROM pg_database WHERE datname LIKE %s || '\\_before\\_%%'",
                                             [self.database.name[:40]]):
            self.database.execute(f'DROP DATABASE "{name}"')


def kill_vault(project, database, folder, dice, kills):
    vault = Vault(project, database, folder)
    for number in range(kills):
        vault.kill_once(dice, number)
    vault.run("backups", "verify", vault.first)
    assert database.value("SELECT count(*) FROM pg_database WHERE datname LIKE 'godwit\\_restore\\_' || "
                          "(SELECT oid FROM pg_database WHERE datname = current_database()) || '\\_%'") == 0
    return vault
