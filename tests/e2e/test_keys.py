"""Keys of backups: made, kept encrypted, replaced, handed on, taken out of use."""
import contextlib
import hashlib
import json
import os
import pathlib
import re
import stat
import subprocess

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from harness import gwb, mlkem
from harness.examples import kembridge  # noqa: F401 (fixture)
from harness.server import Database
from harness.waiting import until

CLIENTS = max(int(p.parent.parent.name) for p in pathlib.Path("/usr/lib/postgresql").glob("*/bin/pg_dump"))
PHRASE = {"GODWIT_PASSPHRASE": "correct horse battery"}
RAW = b"an old master key of sixty-four bytes, as openssl rand makes them"


def openssl_has_mlkem():
    version = subprocess.run(["openssl", "version"], capture_output=True, text=True).stdout.split()[1]
    return tuple(int(n) for n in version.split(".")[:2]) >= (3, 5)


MLKEM = openssl_has_mlkem()
assert MLKEM or not os.environ.get("GODWIT_NEEDS_MLKEM"), "this run is there for ML-KEM"


@pytest.fixture
def master(tmp_path):
    path = tmp_path / "master"
    path.write_bytes(RAW + b"\n")
    return {"GODWIT_MASTER_KEY_FILE": str(path)}


@pytest.fixture
def filled(project, database, server):
    if server.major > CLIENTS:
        pytest.skip("pg_dump here is older than the server")
    project.migration(1, "first", "CREATE TABLE public.t (id int PRIMARY KEY, x text); "
                                  "INSERT INTO public.t SELECT i, md5(i::text) FROM generate_series(1, 2000) AS i")
    project.godwit("up")
    return project


def run(project, *words, code=0, **options):
    return json.loads(project.godwit("--json", *words, code=code, **options).out)


def kept(project):
    return json.loads((pathlib.Path(project.path) / "keys.json").read_text())["keys"]


def private_of(key, master=None, passphrase=None):
    """The private half, opened from docs/reference/key-format.md alone."""
    blob, public = bytes.fromhex(key["sealed"]), bytes.fromhex(key["public"])
    head, salt, nonce = blob[:34], blob[6:22], blob[22:34]
    assert blob[0] == 1 and blob[2] == (1 if master else 2)
    wrapping = (HKDF(hashes.SHA256(), 32, salt, b"godwit key 1").derive(master) if master else
                Scrypt(salt, 32, 1 << blob[3], blob[4], blob[5]).derive(passphrase.encode()))
    cipher = {1: AESGCM, 2: ChaCha20Poly1305}[blob[1]](wrapping)
    return cipher.decrypt(nonce, blob[34:], head + key["type"].encode() + b"\0" + public)


def test_a_backup_for_a_key(filled, master, make_database):
    made = run(filled, "keys", "generate", "--type", "x25519", env=master)
    file = pathlib.Path(filled.path) / "keys.json"
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    [key] = kept(filled)
    assert key["id"] == made["id"] and key["state"] == "active" and len(bytes.fromhex(key["public"])) == 32
    private = private_of(key, master=RAW)
    assert X25519PrivateKey.from_private_bytes(private).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex() == key["public"]
    # Nothing secret is in the file, in any form that one would look for.
    assert private.hex() not in file.read_text()
    with pytest.raises(InvalidTag):
        private_of(key, master=RAW + b"x")

    # Making one needs no secret; opening one does, and not for the list.
    backup = run(filled, "backup")
    assert backup["encrypted"]
    read = gwb.read(backup["path"], private=private)
    assert read.manifest["keys"] == [key["id"]] and read.manifest["encryption"] == "x25519"
    said = filled.godwit("backups", "verify", code=2).err
    assert "is encrypted with a master key" in said and "GODWIT_MASTER_KEY_FILE" in said
    assert run(filled, "backups", "verify", env=master)["equal"]
    other = make_database()
    filled.godwit("restore", backup["id"], "--into", other.url, env=master, code=0)
    assert other.value("SELECT count(*) FROM public.t") == 2000
    [shown] = run(filled, "keys", "list")["keys"]
    assert shown["backups"] == 1 and shown["private"] is True and "sealed" not in shown


def test_a_key_and_a_passphrase(filled):
    run(filled, "keys", "generate", "--type", "x25519", "--cipher", "chacha20-poly1305", env=PHRASE)
    [key] = kept(filled)
    assert bytes.fromhex(key["sealed"])[1] == 2
    private = private_of(key, passphrase=PHRASE["GODWIT_PASSPHRASE"])
    backup = run(filled, "backup", env=PHRASE)
    for way in ({"passphrase": PHRASE["GODWIT_PASSPHRASE"]}, {"private": private}):
        assert gwb.read(backup["path"], **way).plain
    only_key = run(filled, "backup")
    assert run(filled, "backups", "verify", only_key["id"], env=PHRASE)["equal"]
    wrong = filled.godwit("backups", "verify", only_key["id"], env={"GODWIT_PASSPHRASE": "no"}, code=1).err
    assert "cannot be opened with this master key or passphrase" in wrong
    # A key that was changed where it is kept is not taken for another.
    file = pathlib.Path(filled.path) / "keys.json"
    whole = file.read_text()
    for at in (0, 1, 2, 8, 25, 40, 70):
        broken = json.loads(whole)
        blob = bytearray(bytes.fromhex(broken["keys"][0]["sealed"]))
        blob[at] ^= 1
        broken["keys"][0]["sealed"] = blob.hex()
        file.write_text(json.dumps(broken))
        assert filled.godwit("backups", "verify", only_key["id"], env=PHRASE).code in (1, 2), at
    for change in ({"public": "00" * 32}, {"public": "00" * 31}, {"id": "0" * 32}, {"type": "rot13"}, {"state": "x"}, {"public": "zz"}):
        broken = json.loads(whole)
        broken["keys"][0].update(change)
        file.write_text(json.dumps(broken))
        filled.godwit("keys", "list", code=1)
        filled.godwit("backup", code=1)


def test_rotation_rewraps_and_encrypts_nothing_anew(filled, master, tmp_path):
    first = run(filled, "keys", "generate", "--type", "x25519", "--expires", "365d", env=master)["id"]
    backups = [run(filled, "backup") for _ in range(2)]
    run(filled, "backups", "verify", backups[0]["id"], env=master)
    copy = tmp_path / "copy.gwb"
    copy.write_bytes(pathlib.Path(backups[0]["path"]).read_bytes())
    before = {b["id"]: pathlib.Path(b["path"]).read_bytes() for b in backups}
    done = run(filled, "keys", "rotate", env=master)
    assert done["before"] == first and done["rewrapped"] == 2 and done["left"] == [] and done["id"] != first
    old, new = kept(filled)
    assert (old["state"], new["state"]) == ("inactive", "active")
    assert abs((new["expires_us"] - new["created_us"]) - (old["expires_us"] - old["created_us"])) < 60_000_000
    for backup in backups:
        data = pathlib.Path(backup["path"]).read_bytes()
        manifest = gwb.read(backup["path"], private=private_of(new, master=RAW)).manifest
        assert manifest["keys"] == [new["id"]] and manifest["stored"]["sha256"] == backup["sha256"]
        stored = manifest["stored"]["bytes"]
        assert data[-stored:] == before[backup["id"]][-stored:]
        with pytest.raises((gwb.Damaged, InvalidTag)):
            gwb.read(backup["path"], private=private_of(old, master=RAW))
    # That it was verified is still known; the copy elsewhere opens until the key is retired.
    assert [b["verified_at"] is not None for b in run(filled, "backups", "list")["backups"]] == [False, True]
    filled.godwit("backups", "extract", str(copy), "-o", "one", env=master, code=0)
    filled.godwit("keys", "deactivate", first[:8], "--retire", env=master, code=5)
    filled.godwit("keys", "deactivate", first[:8], "--retire", "--yes", code=0)
    assert kept(filled)[0]["state"] == "retired" and kept(filled)[0]["sealed"] is None
    assert "no key for it is at hand" in filled.godwit("backups", "extract", str(copy), "-o", "two", env=master, code=2).err
    assert run(filled, "backups", "verify", backups[1]["id"], env=master)["equal"]
    # An archive of maintain is the only copy of its rows: it counts as a backup does.
    archive = filled.path / "archive"
    archive.mkdir()
    for backup in backups:
        pathlib.Path(backup["path"]).rename(archive / pathlib.Path(backup["path"]).name)
    assert "2 backups can be opened with this key alone" in \
        filled.godwit("keys", "deactivate", new["id"], "--retire", "--yes", code=5).err
    done = run(filled, "keys", "rotate", env=master)
    assert done["rewrapped"] == 2 and done["left"] == []
    new = kept(filled)[-1]
    assert "can be opened with this key alone" in filled.godwit("keys", "deactivate", new["id"], "--retire", "--yes", code=5).err


def test_a_rotation_that_was_interrupted_goes_on(filled, master):
    run(filled, "keys", "generate", "--type", "x25519", env=master)
    backup = run(filled, "backup")
    path = pathlib.Path(backup["path"])
    before = path.read_bytes()
    run(filled, "keys", "rotate", env=master)
    path.write_bytes(before)  # as if it had been killed behind the first step
    left = path.with_name(path.name + ".part")
    left.write_bytes(b"half")
    done = run(filled, "keys", "rotate", "--resume", env=master)
    assert done["rewrapped"] == 1 and not left.exists() and len(kept(filled)) == 2
    assert gwb.read(path, private=private_of(kept(filled)[1], master=RAW)).plain
    # A backup that is damaged is named, and nothing is made of it.
    path.write_bytes(before[:60] + bytes([before[60] ^ 1]) + before[61:])
    said = run(filled, "keys", "rotate", env=master, code=3)
    assert len(said["left"]) == 1 and backup["id"] in said["left"][0] and said["rewrapped"] == 0
    assert path.read_bytes()[60] == before[60] ^ 1


def test_deactivated_and_expired_keys_get_no_backups(filled, master):
    key = run(filled, "keys", "generate", "--type", "x25519", env=master)["id"]
    backup = run(filled, "backup")
    said = filled.godwit("keys", "deactivate", key[:6], code=0).out
    assert "no key is active now" in said
    refused = filled.godwit("backup", env=PHRASE, code=1).err
    assert "no key may be used for a new backup: none is active" in refused
    assert run(filled, "backups", "verify", backup["id"], env=master)["equal"]
    whole = json.loads((pathlib.Path(filled.path) / "keys.json").read_text())
    whole["keys"][0].update(state="active", expires_us=whole["keys"][0]["created_us"] + 1)
    filled.write("keys.json", json.dumps(whole))
    assert "every active one has expired" in filled.godwit("backup", code=1).err
    assert run(filled, "keys", "list")["keys"][0]["state"] == "expired"
    assert run(filled, "backups", "verify", backup["id"], env=master)["equal"]


def test_exported_and_imported(filled, master, make_project, database, tmp_path):
    key = run(filled, "keys", "generate", "--type", "x25519", env=master)["id"]
    backup = run(filled, "backup")
    handover = tmp_path / "handover"
    handover.write_text("between us\n")
    filled.godwit("keys", "export", key, "-o", str(tmp_path / "key.json"), "--with-passphrase-file", str(handover), env=master, code=0)
    filled.godwit("keys", "export", key, "--public", "-o", str(tmp_path / "public.json"), code=0)
    assert stat.S_IMODE(os.stat(tmp_path / "key.json").st_mode) == 0o600
    filled.godwit("keys", "export", key, "-o", str(tmp_path / "key.json"), env=master, code=2)
    # A machine with the public half alone makes backups, and cannot open them.
    maker = make_project(database.url)
    maker.godwit("keys", "import", str(tmp_path / "public.json"), env=PHRASE, code=0)
    other = run(maker, "backup")
    assert "no key for it is at hand" in maker.godwit("backups", "verify", env={}, code=2).err
    assert gwb.read(other["path"], private=private_of(kept(filled)[0], master=RAW)).plain
    # The private half comes behind it, and is encrypted as keys are there.
    said = maker.godwit("keys", "import", str(tmp_path / "key.json"), env=PHRASE, code=1)
    assert "--with-passphrase-file" in said.err
    maker.godwit("keys", "import", str(tmp_path / "key.json"), "--with-passphrase-file", str(handover), env=PHRASE, code=0)
    assert private_of(kept(maker)[0], passphrase=PHRASE["GODWIT_PASSPHRASE"]) == private_of(kept(filled)[0], master=RAW)
    assert run(maker, "backups", "verify", backup["path"], env=PHRASE)["equal"]
    assert "is there already" in maker.godwit("keys", "import", str(tmp_path / "key.json"), "--with-passphrase-file", str(handover),
                                              env=PHRASE, code=2).err
    (tmp_path / "other.json").write_text('{"a": 1}')
    assert "holds no keys" in maker.godwit("keys", "import", str(tmp_path / "other.json"), code=1).err


def test_in_a_table(filled, database, master):
    filled.config(filled.read("godwit.yaml") + "keys: { store: table }\n")
    assert "there are no keys in godwit.keys" in filled.godwit("keys", "list", code=0).out
    key = run(filled, "keys", "generate", "--type", "x25519", "--expires", "365d", env=master)["id"]
    assert not (pathlib.Path(filled.path) / "keys.json").exists()
    backup = run(filled, "backup")
    done = run(filled, "keys", "rotate", env=master)
    assert done["rewrapped"] == 1
    assert run(filled, "backups", "verify", backup["id"], env=master)["equal"]
    rows = database.execute("SELECT id, state, octet_length(public_key), octet_length(encrypted_private_key) FROM godwit.keys ORDER BY created_at")
    assert rows == [(key, "inactive", 32, 34 + 32 + 16), (done["id"], "active", 32, 34 + 32 + 16)]
    assert database.execute("SELECT DISTINCT action FROM godwit.events WHERE action LIKE '%%key' ORDER BY 1") == [("generate_key",), ("rotate_key",)]
    filled.godwit("keys", "deactivate", key, "--retire", "--yes", code=0)
    assert database.value("SELECT encrypted_private_key IS NULL FROM godwit.keys WHERE id = %s", [key])
    assert run(filled, "backups", "verify", backup["id"], env=master)["equal"]
    role = database.role()
    said = filled.godwit("--url", database.url_for(role), "keys", "list", code=1).err
    assert "permission denied" in said


def test_a_restore_keeps_the_keys_made_since(filled, database, make_database, master):
    """A table of keys comes back with its backup, as old as that: what was made since opens other backups."""
    filled.config(filled.read("godwit.yaml") + "keys: { store: table }\n")
    first = run(filled, "keys", "generate", "--type", "x25519", env=master)["id"]
    old = run(filled, "backup")["id"]
    second = run(filled, "keys", "rotate", env=master)["id"]
    made = run(filled, "backup")["id"]
    # Into another database: the keys are the project's, not those of a database that is empty.
    other = make_database()
    filled.godwit("restore", made, "--into", other.url, env=master, code=0)
    states = "SELECT id, state FROM godwit.keys ORDER BY created_at"
    assert other.execute(states) == [(first, "inactive"), (second, "active")]
    # A schema without rows has no place for them.
    bare = run(filled, "backup", "--schema-only")["id"]
    done = filled.godwit("--json", "--yes", "restore", bare, "--into", other.url, "--replace", env=master, code=0)
    assert "could not be taken along" in done.err
    assert Database(other.server, done.json["kept"]).execute(states) == [(first, "inactive"), (second, "active")]
    other.execute(f'DROP DATABASE "{done.json["kept"]}"')
    for way in (["--replace", "--yes"], ["--to-new"]):
        kept = run(filled, "restore", old, *way, env=master)["kept"]
        assert database.execute(states) == [(first, "inactive"), (second, "active")], way
        assert bool(kept) == (way == ["--to-new"])
    database.execute(f'DROP DATABASE "{kept}"')
    assert run(filled, "backups", "verify", made, env=master)["equal"]
    # What cannot be taken along is no reason to lose the way back: the database that has it stays.
    database.execute("ALTER TABLE godwit.keys RENAME public_key TO unknown")
    filled.config(filled.read("godwit.yaml").replace("store: table", "store: file"))
    plain = run(filled, "backup")["id"]
    done = filled.godwit("--json", "--yes", "restore", plain, "--replace", code=0)
    assert "could not be taken along" in done.err
    database.execute(f'DROP DATABASE "{done.json["kept"]}"')


@pytest.mark.parametrize("store", ["file", "table"])
def test_two_at_once_lose_no_key(filled, master, store):
    running = [filled.start("keys", "generate", "--type", "x25519", "--store", store, env=master) for _ in range(6)]
    for each in running:
        each.finish(code=0)
    keys = run(filled, "keys", "list", "--store", store)["keys"]
    assert len({k["id"] for k in keys}) == 6


def test_what_encrypts_them(filled, tmp_path, master):
    said = filled.godwit("keys", "generate", code=2).err
    assert "there is nothing to encrypt private keys with" in said and "GODWIT_MASTER_KEY_FILE" in said
    short = tmp_path / "short"
    short.write_text("too short")
    said = filled.godwit("keys", "generate", env={"GODWIT_MASTER_KEY_FILE": str(short)}, code=2).err
    assert "has 9 bytes, and needs at least 32" in said
    gone = filled.godwit("keys", "generate", env={"GODWIT_MASTER_KEY_FILE": str(tmp_path / "gone")}, code=1).err
    assert "the master key was read" in gone
    assert not (pathlib.Path(filled.path) / "keys.json").exists()
    filled.config(filled.read("godwit.yaml") + f"keys: {{ file: secrets/k.json, master_key_command: [cat, {master['GODWIT_MASTER_KEY_FILE']}] }}\n")
    run(filled, "keys", "generate", "--type", "x25519")
    [key] = json.loads((pathlib.Path(filled.path) / "secrets/k.json").read_text())["keys"]
    assert private_of(key, master=RAW)
    backup = run(filled, "backup")
    assert run(filled, "backups", "verify", backup["id"])["equal"]
    filled.config(filled.read("godwit.yaml").replace("cat,", "false,"))
    assert "ended with exit code 1" in filled.godwit("backups", "verify", code=2).err
    filled.config(re.sub("keys: .*", "keys: { store: cupboard }", filled.read("godwit.yaml")))
    assert '"store" takes table or file' in filled.godwit("keys", "list", code=2).err


def test_a_process_that_holds_keys_leaves_no_core(filled, master, database):
    run(filled, "keys", "generate", "--type", "x25519", env=master)
    with contextlib.closing(database.connect(autocommit=False)) as other, other.cursor() as held:
        held.execute("LOCK TABLE public.t")
        running = filled.start("backup", env=master)
        limits = pathlib.Path(f"/proc/{running.pid}/limits")
        until(lambda: re.search(r"Max core file size +0 +0 ", limits.read_text()), what="the limit")
    running.finish(0)


def test_words_that_do_not_go_together(filled, master):
    assert "are not for backups" in filled.godwit("keys", "generate", "--type", "dilithium-5", env=master, code=2).err
    assert "--user goes with" in filled.godwit("keys", "generate", "--user", "x", env=master, code=2).err
    assert "no key is active" in filled.godwit("keys", "rotate", env=master, code=1).err
    assert 'there is no key "abc"' in filled.godwit("keys", "deactivate", "abc", code=2).err
    assert "--expires takes" in filled.godwit("keys", "generate", "--expires", "soon", env=master, code=2).err


def test_the_second_reader_knows_ml_kem():
    """It gives the published answer, so that what it reads of Godwit is read by a second implementation indeed."""
    text = (pathlib.Path(__file__).parents[1] / "unit/vault/ml_kem_1024.h").read_text()
    known = {name: "".join(re.findall(r'"(\w+)"', value))
             for name, value in re.findall(r'#define ML_KEM_(\w+) ((?:\\\n|\s*"\w+"\s?)+)', text)}
    seed = bytes.fromhex(known["SEED"])
    public, _ = mlkem.public_of(seed)
    assert hashlib.sha256(public).hexdigest() == known["PUBLIC_SHA256"]
    assert mlkem.decapsulate(seed, bytes.fromhex(known["CIPHER"])).hex() == known["SHARED"]
    cipher, shared = mlkem.encapsulate(public, bytes(range(32)))
    assert len(cipher) == mlkem.CIPHER and mlkem.decapsulate(seed, cipher) == shared


def test_ml_kem(filled, master):
    answer = filled.godwit("--json", "keys", "generate", "--type", "ml-kem-1024", env=master, code=0 if MLKEM else 1)
    if not MLKEM:
        assert "ML-KEM-1024 needs OpenSSL 3.5 or newer" in answer.out + answer.err
        assert not (pathlib.Path(filled.path) / "keys.json").exists()
        return
    [key] = kept(filled)
    assert key["type"] == "x25519+ml-kem-1024" and len(bytes.fromhex(key["public"])) == 1600
    assert len(private_of(key, master=RAW)) == 96
    backup = run(filled, "backup")
    assert gwb_slots(backup["path"]) == [(3, 32 + 1568 + 48)]
    assert gwb.read(backup["path"], private=private_of(key, master=RAW)).plain.startswith(b"PGDMP")
    assert run(filled, "backups", "verify", env=master)["equal"]
    done = run(filled, "keys", "rotate", env=master)
    assert done["type"] == "x25519+ml-kem-1024" and done["rewrapped"] == 1
    assert run(filled, "backups", "verify", env=master)["equal"]
    classic = run(filled, "keys", "rotate", "--type", "x25519", env=master)
    assert classic["type"] == "x25519" and gwb_slots(backup["path"]) == [(2, 80)]


def gwb_slots(path):
    data, out, at = pathlib.Path(path).read_bytes(), [], 48
    for _ in range(int.from_bytes(data[32:34], "big")):
        length = int.from_bytes(data[at + 2:at + 4], "big")
        out.append((data[at], length))
        at += 20 + length
    return out


# ---- KEMBridge's table --------------------------------------------------------------------------


@pytest.fixture
def bridge(kembridge, make_project):
    project = make_project(kembridge.database.url_for(kembridge.example.owner))
    return project, kembridge


def test_what_quantum_keys_takes(bridge, master, database, make_project):
    project, kembridge = bridge
    user = kembridge.user()
    store = ("--store", "quantum_keys")
    said = project.godwit("keys", "generate", *store, "--user", user, "--type", "x25519", env=master, code=2).err
    assert "quantum_keys does not take keys of x25519" in said and "dilithium-5" in said
    assert "needs --user ID" in project.godwit("keys", "generate", *store, env=master, code=2).err
    assert "is a UUID" in project.godwit("keys", "generate", *store, "--user", "bob'; --", env=master, code=2).err
    assert "there are no keys in public.quantum_keys" in project.godwit("keys", "list", *store, "--user", user, code=0).out
    other = make_project(database.url)
    assert "there is no table public.quantum_keys" in other.godwit("keys", "list", *store, code=1).err
    if not MLKEM:
        for kind, name in (("ml-kem-1024", "ML-KEM-1024"), ("dilithium-5", "ML-DSA-87"), ("sphincs+", "SLH-DSA-SHAKE-256s")):
            said = project.godwit("keys", "generate", *store, "--user", user, "--type", kind, env=master, code=1).err
            assert f"{name} needs OpenSSL 3.5 or newer" in said and "this is OpenSSL" in said
    assert kembridge.value("SELECT count(*) FROM quantum_keys") == 0


@pytest.mark.skipif(not MLKEM, reason="needs OpenSSL 3.5")
@pytest.mark.parametrize("kind,public,private", [("ml-kem-1024", 1568, 64), ("dilithium-5", 2592, 32), ("sphincs+", 64, 128)])
def test_quantum_keys(bridge, master, kind, public, private):
    project, kembridge = bridge
    store = ("--store", "quantum_keys")
    user = kembridge.user(tenant=kembridge.other_tenant)
    made = run(project, "keys", "generate", *store, "--user", user, "--type", kind, "--cipher", "chacha20-poly1305",
               "--expires", "30d", env=master)
    row = kembridge.run("SELECT id::text, tenant_id::text, key_type, octet_length(public_key), encryption_algorithm, is_active,"
                        " encode(public_key, 'hex'), encode(encrypted_private_key, 'hex'), key_metadata->>'format',"
                        " expires_at - created_at < interval '31 days' FROM quantum_keys")
    [(key, tenant, found, length, cipher, active, half, sealed, layout, soon)] = row
    assert (key, tenant, found, length) == (made["id"], str(kembridge.other_tenant), kind, public)
    assert (cipher, active, layout, soon) == ("chacha20-poly1305", True, "godwit key 1", True)
    assert len(private_of({"type": kind, "public": half, "sealed": sealed}, master=RAW)) == private
    done = run(project, "keys", "rotate", made["id"][:8], *store, env=master)
    assert done["before"] == made["id"] and done["id"] != made["id"] and done["type"] == kind
    assert kembridge.run("SELECT id::text FROM quantum_keys WHERE is_active") == [(done["id"],)]
    project.godwit("keys", "deactivate", done["id"], *store, code=0)
    assert "is inactive already" in project.godwit("keys", "deactivate", done["id"], *store, code=1).err
    assert "kept for ever" in project.godwit("keys", "deactivate", done["id"], *store, "--retire", "--yes", code=2).err
    assert [k["state"] for k in run(project, "keys", "list", *store, "--user", user)["keys"]] == ["inactive"] * 2
    text = kembridge.value("SELECT string_agg(a::text, ' ') FROM audit_logs AS a")
    assert sealed[68:] not in text and half not in text
