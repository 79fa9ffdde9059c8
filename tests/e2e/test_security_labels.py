"""Security labels, with a provider of our own: a module of a few lines that takes every label."""
import os
import shutil
import subprocess
import tempfile

import pytest

MODULE = """
/* The server's own headers need not be here: what it checks of a module is this block. */
struct magic {
    int len;
    int version, funcmaxargs, indexmaxkeys, namedatalen;
#if VERSION < 1300
    int float4byval;
#endif
    int float8byval;
#if VERSION >= 1500
    char abi_extra[32];
#endif
#if VERSION >= 1800
    const char *name, *module_version;
#endif
};
extern void register_label_provider(const char *provider, void (*hook)(const void *object, const char *label));
const void *Pg_magic_func(void);
void _PG_init(void);
static void takes_all(const void *object, const char *label) { (void)object; (void)label; }
const void *Pg_magic_func(void)
{
    static const struct magic magic = {.len = sizeof magic, .version = VERSION, .funcmaxargs = 100, .indexmaxkeys = 32,
                                       .namedatalen = 64,
#if VERSION < 1300
                                       .float4byval = 1,
#endif
#if VERSION >= 1500
                                       .abi_extra = "PostgreSQL",
#endif
                                       .float8byval = 1};
    return &magic;
}
void _PG_init(void) { register_label_provider("the provider", takes_all); }
"""

LABELLED = """
CREATE SCHEMA "s p"; CREATE TABLE "s p"."Tä" (id int PRIMARY KEY, "c""d" text);
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE VIEW v AS SELECT 1 AS one; CREATE SEQUENCE q;
CREATE DOMAIN d AS int; CREATE TYPE e AS ENUM ('x');
"""
TARGETS = ['SCHEMA "s p"', 'TABLE "s p"."Tä"', 'COLUMN "s p"."Tä"."c""d"', "FUNCTION public.f(integer)", "VIEW public.v",
           "SEQUENCE public.q", "DOMAIN public.d", "TYPE public.e"]


def label(what, text):
    return f"SECURITY LABEL FOR \"the provider\" ON {what} IS '{text}'"


@pytest.fixture(scope="module")
def module():
    folder = tempfile.mkdtemp(prefix="gw-label-")
    os.chmod(folder, 0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def labelled(module, make_database):
    """A database with labels on everything; the provider is loaded by its sessions, or by one alone."""
    def make(everywhere):
        database = make_database()
        version = int(database.value("SHOW server_version_num")) // 100
        library = os.path.join(module, f"provider_{version}.so")
        if not os.path.exists(library):
            source = os.path.join(module, "provider.c")
            with open(source, "w", encoding="utf-8") as file:
                file.write(MODULE)
            subprocess.run(["cc", "-shared", "-fPIC", f"-DVERSION={version - version % 100}", "-o", library, source], check=True)
        if everywhere:
            database.execute(f"ALTER DATABASE \"{database.name}\" SET session_preload_libraries = '{library}'")
        database.execute(LABELLED)
        database.execute(f"LOAD '{library}';" + ";".join(label(what, "it''s secret") for what in TARGETS))
        return database, library
    return make


def test_labels_are_dumped_compared_and_set(make_project, labelled):
    database, library = labelled(True)
    other, _ = labelled(True)
    project = make_project(database.url)
    dump = project.godwit("dump", code=0)
    for what in TARGETS:
        assert f"ON {what} IS 'it''s secret'" in dump.out, what
    project.godwit("diff", "--from", "database", "--to", other.url, code=0)
    other.execute(f"LOAD '{library}';" + label(TARGETS[1], "another") + ";" + label(TARGETS[2], "x").replace("'x'", "NULL"))
    refused = project.godwit("diff", "--from", "database", "--to", other.url, code=1)
    assert "shadow: { url: … }" in refused.err, "the private server does not load what the target does"
    plan = project.godwit("diff", "--from", "database", "--to", other.url, "--no-proof", code=3)
    assert "IS 'another'" in plan.out and "IS NULL" in plan.out
    database.execute(f"LOAD '{library}';" + plan.out)
    project.godwit("diff", "--from", "database", "--to", other.url, code=0)


def test_a_provider_that_is_not_loaded_is_named_with_the_way_out(make_project, labelled, make_database):
    database, library = labelled(False)
    project = make_project(database.url)
    empty = make_database()
    error = project.godwit("diff", "--from", "database", "--to", empty.url, code=1).err
    assert 'security label provider "the provider" is not loaded' in error and "shadow: { url: … }" in error
    project.write("schema.sql", LABELLED + label(TARGETS[1], "x") + ";")
    error = project.godwit("diff", "--from", "schema.sql", "--to", "database", code=1).err
    assert 'security label provider "the provider" is not loaded' in error and "shadow: { url: … }" in error
    assert "SECURITY LABEL" in project.godwit("dump", code=0).out


def test_shadows_on_a_server_that_has_it(make_project, labelled, restartable_server):
    database, library = labelled(False)
    restartable_server.configure(shared_preload_libraries=library)
    restartable_server.restart()
    first = restartable_server.create_database()
    first.execute(LABELLED + ";".join(label(what, "one") for what in TARGETS))
    project = make_project(first.url)
    project.config({"environments": {"dev": {"url": first.url}}, "shadow": {"url": restartable_server.url()}})
    project.write("schema.sql", LABELLED + ";".join(label(what, "two") for what in TARGETS[:-1]) + ";")
    project.godwit("push", "schema.sql", "--yes", code=0)
    assert first.value("SELECT string_agg(DISTINCT label, ',') FROM pg_seclabel") == "two"
    assert first.value("SELECT count(*) FROM pg_seclabel") == len(TARGETS) - 1
