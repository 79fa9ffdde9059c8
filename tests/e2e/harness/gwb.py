"""A second reader of backups, written from docs/reference/backup-format.md alone.

usage: gwb.py FILE [PASSPHRASE]     (writes what pg_dump wrote to stdout)
"""
import dataclasses
import hashlib
import hmac
import io
import json
import pathlib
import subprocess
import sys
import tarfile

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

try:
    from . import mlkem
except ImportError:  # run by itself
    import mlkem

MAGIC = bytes.fromhex("89475742 0D0A1A0A")
OPEN, PASSPHRASE, X25519, HYBRID = 0, 1, 2, 3


class Damaged(Exception):
    pass


def need(condition, what):
    if not condition:
        raise Damaged(what)


def hkdf(key, salt, info):
    return HKDF(hashes.SHA256(), 32, salt, info.encode()).derive(key)


def unwrap(key, wrapped):
    return AESGCM(key).decrypt(bytes(12), wrapped, None)


@dataclasses.dataclass
class Backup:
    manifest: dict
    slots: list  # (kind, id, body)
    plain: bytes


def file_key_of(kind, key_id, body, passphrase, private):
    if kind == OPEN:
        return body
    if kind == PASSPHRASE and passphrase is not None:
        salt, n, r, p = body[:16], 1 << body[16], body[17], body[18]
        return unwrap(Scrypt(salt, 32, n, r, p).derive(passphrase.encode()), body[19:])
    if kind in (X25519, HYBRID) and private is not None and len(private) == (32 if kind == X25519 else 96):
        shared = X25519PrivateKey.from_private_bytes(private[:32]).exchange(X25519PublicKey.from_public_bytes(body[:32]))
        sent, info = body[:-48], "godwit backup 1 x25519"
        if kind == HYBRID:
            shared += mlkem.decapsulate(private[32:], sent[32:])
            info += "+ml-kem-1024"
        return unwrap(hkdf(shared, sent + key_id, info), body[-48:])
    return None


def key_ids(path):
    """Ids of the keys that the file has slots for."""
    data, out, at = pathlib.Path(path).read_bytes(), [], 48
    for _ in range(int.from_bytes(data[32:34], "big")):
        if data[at] >= X25519:
            out.append(data[at + 4:at + 20].hex())
        at += 20 + int.from_bytes(data[at + 2:at + 4], "big")
    return out


def open_key(data):
    """The file key of a backup that is not encrypted."""
    need(data[48] == OPEN, "the first slot is not open")
    return bytes(data[68:100])


def manifest_at(data):
    start = 48 + int.from_bytes(data[36:40], "big")
    return slice(start, start + int.from_bytes(data[40:44], "big"))


def with_manifest(data, key, manifest):
    """The same backup with another manifest, and the MAC that belongs to it."""
    at, text = manifest_at(data), json.dumps(manifest).encode()
    head = bytes(data[:40]) + len(text).to_bytes(4, "big") + bytes(data[44:at.start]) + text
    mac = hmac.digest(hkdf(key, bytes(data[16:32]), "godwit backup 1 head"), head, "sha256")
    return head + mac + bytes(data[at.stop + 32:])


def read(path, passphrase=None, private=None):
    data = pathlib.Path(path).read_bytes()
    need(data[:8] == MAGIC and data[8:12] == bytes([0, 1, 1, 1]), "no backup of version 1")
    number = lambda at, size: int.from_bytes(data[at:at + size], "big")  # noqa: E731
    chunk, salt, count = number(12, 4), data[16:32], number(32, 2)
    slot_bytes, manifest_bytes = number(36, 4), number(40, 4)
    need(number(34, 2) == 0 and number(44, 4) == 0 and 1 <= count <= 64, "head")

    at, slots = 48, []
    for _ in range(count):
        length = number(at + 2, 2)
        slots.append((data[at], data[at + 4:at + 20], data[at + 20:at + 20 + length]))
        at += 20 + length
    need(at == 48 + slot_bytes, "slots")
    text = data[at:at + manifest_bytes]
    at += manifest_bytes
    mac, head = data[at:at + 32], data[:at]
    at += 32

    key = next((k for slot in slots if (k := file_key_of(*slot, passphrase, private))), None)
    need(key is not None, "no slot opens")
    need(hmac.compare_digest(mac, hmac.digest(hkdf(key, salt, "godwit backup 1 head"), head, "sha256")), "MAC")
    manifest = json.loads(text)
    stored = data[at:]
    need(len(stored) == manifest["stored"]["bytes"], "length")
    need(hashlib.sha256(stored).hexdigest() == manifest["stored"]["sha256"], "digest of the chunks")

    gcm = AESGCM(hkdf(key, salt, "godwit backup 1 stream"))
    pieces = [stored[i:i + chunk + 16] for i in range(0, len(stored), chunk + 16)]
    frame = b"".join(gcm.decrypt(i.to_bytes(11, "big") + bytes([i == len(pieces) - 1]), piece, None)
                     for i, piece in enumerate(pieces))
    # Python 3.11 has no zstd of its own.
    plain = subprocess.run(["zstd", "-dc"], input=frame, stdout=subprocess.PIPE, check=True).stdout
    need(len(plain) == manifest["plain"]["bytes"], "length of what came out")
    need(hashlib.sha256(plain).hexdigest() == manifest["plain"]["sha256"], "digest of what came out")
    return Backup(manifest, slots, plain)


def members(backup):
    """The files of a directory dump, by name, in their order."""
    need(backup.manifest["format"] == "directory", "the format")
    with tarfile.open(fileobj=io.BytesIO(backup.plain)) as stream:
        found = stream.getmembers()
        need(all(m.isreg() and "/" not in m.name for m in found), "plain files")
        need(len({m.name for m in found}) == len(found), "a name twice")
        return {m.name: stream.extractfile(m).read() for m in found}


if __name__ == "__main__":
    sys.stdout.buffer.write(read(*sys.argv[1:3]).plain)
