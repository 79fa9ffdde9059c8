"""Fixtures of the image test: a clean Debian root, besides those of the end-to-end tests."""
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]

from harness import system  # noqa: E402
from harness.program import ROOT  # noqa: E402
from harness.fixtures import *  # noqa: E402,F401,F403

CACHE = ROOT / ".cache" / "image"


def mirror():
    """The first Debian mirror of this machine's own apt."""
    sites = subprocess.run(["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"],
                           capture_output=True, text=True, check=True).stdout.split()
    return next((s for s in sites if s.rstrip("/").endswith("/debian")), sites[0])


def make_base(root):
    """Debian's minimal base, which is what debian:bookworm-slim is, and this machine's way to its
    package mirrors."""
    system.run(["debootstrap", "--variant=minbase", "bookworm", root, mirror()], timeout=1800)
    (root / "etc/apt/sources.list").unlink(missing_ok=True)
    for path in ("etc/apt", "usr/share/keyrings", "etc/ssl/certs"):
        (root / path).mkdir(parents=True, exist_ok=True)
    for item in [*pathlib.Path("/etc/apt").glob("sources.list*"), pathlib.Path("/etc/apt/apt.conf.d")]:
        system.run(["cp", "-aL", item, root / "etc/apt"])
    for folder in ("usr/share/keyrings", "etc/ssl/certs"):
        system.run(["cp", "-aL", f"/{folder}/.", root / folder])


@pytest.fixture(scope="session")
def clean_root():
    if os.geteuid() != 0:
        pytest.skip("debootstrap and chroot need root")
    assert shutil.which("debootstrap"), "no debootstrap here: apt-get install debootstrap"
    base = CACHE / "bookworm"
    if not base.is_dir():
        unfinished = CACHE / "bookworm.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        make_base(unfinished)
        unfinished.rename(base)
    for name in ("resolv.conf", "hosts"):
        shutil.copy(f"/etc/{name}", base / "etc" / name)
    return base
