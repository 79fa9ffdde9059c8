# Thin: what to build is Meson's, what to install is scripts/install-deps', how to test scripts/run-tests'.
#
#   make               build/godwit
#   make demo          see it at work, with a server of its own
#   make demo-clinic   see rows move and the move survive a kill (SIZE=20000 SEED=1)
#   make demo-xcm      see a chain's migration counted while it runs, in a browser too, over forks and a kill (SIZE=1500 SEED=1)
#   make test          under sanitizers, on the system's PostgreSQL: what there is time for (WITHIN=420 seconds; WHOLE=1: all)
#   make test-matrix   every end-to-end test on PostgreSQL 12 to 18 (PG="12 15 18" for some)
#   make fault         kills, crashes, frozen runners, full disks, big files (SEED=… plays one again)
#   make test-image    an image's Dockerfile followed in a clean root (as root; needs debootstrap)
#   make test-trixie   backups and keys in a clean Debian 13, with ML-KEM (as root; needs debootstrap)
#   make fuzz          fuzz the splitter for SECONDS=60
#   make bench         figures, against other tools
#   make asan | tsan   a build with sanitizers, and its unit tests
#   make coverage      line coverage of src/
#   make install       DESTDIR= PREFIX=/usr/local

SHELL := /bin/bash
PREFIX ?= /usr/local
PG ?= 12 13 14 15 16 17 18
SECONDS ?= 60
SEED ?=
SIZE ?=
PYTEST ?=
# Who asks for certain tests gets them, slow or not.
WHOLE ?= $(PYTEST)
# Seconds for the end-to-end tests: which are left out of a run changes with the commit.
WITHIN ?= 420
# In CI a warning is an error.
MESON_WERROR := $(if $(CI),-Dwerror=true)
# -O1: what a sanitizer build is compiled with is half of its time, and the tests take no longer.
SANITIZE := -Doptimization=1 -Db_sanitize=address,undefined -Db_lundef=false $(MESON_WERROR)

.PHONY: all demo demo-clinic demo-xcm test test-matrix test-image test-trixie fault fuzz bench asan tsan coverage install format check-format clean

# What was set up before the dashboard's modules were there (make demo) is set up once more.
WITH_WEB = [ ! -f web/node_modules/vite/bin/vite.js ] || [ -d build/web/dist ] || meson setup --reconfigure build >/dev/null

all: build/build.ninja
	@scripts/install-deps build web
	@$(WITH_WEB)
	ninja -C build

# Without tests, so that building needs no test packages.
build/build.ninja:
	@scripts/install-deps build web
	meson setup build --prefix $(PREFIX) -Dtests=false $(MESON_WERROR)

demo:
	@scripts/install-deps build run
	@[ -f build/build.ninja ] || meson setup build --prefix $(PREFIX) -Dtests=false $(MESON_WERROR) >/dev/null
	@ninja -C build --quiet
	@scripts/demo

demo-clinic:
	@scripts/install-deps build run
	@[ -f build/build.ninja ] || meson setup build --prefix $(PREFIX) -Dtests=false $(MESON_WERROR) >/dev/null
	@ninja -C build --quiet
	@SIZE="$(SIZE)" SEED="$(SEED)" scripts/demo-clinic

demo-xcm:
	@scripts/install-deps build web run
	@[ -f build/build.ninja ] || meson setup build --prefix $(PREFIX) -Dtests=false $(MESON_WERROR) >/dev/null
	@$(WITH_WEB)
	@ninja -C build --quiet
	@SIZE="$(SIZE)" SEED="$(SEED)" scripts/demo-xcm

test:
	@scripts/install-deps build web test peers
	scripts/run-tests --setup "$(SANITIZE)" -- $(if $(strip $(WHOLE)),,--quick --within $(WITHIN)) $(PYTEST)

test-matrix:
	@scripts/install-deps build web test peers matrix $(PG)
	scripts/run-tests --setup "$(SANITIZE)" --no-unit --pg "$(PG)" -- $(PYTEST)

fault: all
	@scripts/install-deps build test
	GODWIT_FAULT_SEED=$(SEED) scripts/run-tests --setup "$(SANITIZE)" --fault -- $(PYTEST)

fuzz:
	@scripts/install-deps build fuzz
	scripts/fuzz $(SECONDS)

bench: all
	@scripts/install-deps build run test bench peers
	bench/run

asan:
	@scripts/install-deps build test
	scripts/run-tests --build build-san --setup "$(SANITIZE)" --no-e2e

# Threads are the pool's, the tenants' and the library's: the end-to-end tests that use them, besides
# the unit tests. setarch, for ThreadSanitizer of GCC 12 cannot live with the newest address layouts.
tsan:
	@scripts/install-deps build test
	setarch -R scripts/run-tests --build build-tsan --setup "-Db_sanitize=thread -Db_lundef=false" \
	    -- -k "smoke or thread or tenant or runner or library or serve"

coverage:
	@scripts/install-deps build test peers coverage
	scripts/coverage

# The prefix is in what is built (pkg-config): a folder made for another one is told.
install: build/build.ninja
	@meson configure build --prefix $(PREFIX)
	ninja -C build
	DESTDIR=$(if $(DESTDIR),$(abspath $(DESTDIR))) meson install -C build --no-rebuild

# The lines that differ from BASE, and no others: the whole tree in one go would break tables that were laid out by hand.
BASE ?= HEAD
format:
	@scripts/install-deps format
	git clang-format --force $(BASE)

check-format:
	@scripts/install-deps format
	git clang-format --diff $(BASE)

clean:
	rm -rf build build-*

# Debian 12 has OpenSSL 3.0: the post-quantum half of the vault runs only here.
test-trixie:
	scripts/prove-clean-root --release trixie scripts/test-vault $(PYTEST)

# The folder keeps a clean root in .cache/image; the rest is gone afterwards.
test-image:
	@scripts/install-deps test
	/usr/bin/python3 -m pytest -q tests/image $(PYTEST)
