"""conflicts: clashes between services, and between git branches."""
import os
import shutil
import subprocess

import pytest
from harness.program import ROOT


@pytest.fixture
def services(bare_project):
    """services({"bot/1_a": "CREATE …"}): a project with a folder a service."""
    def make(files, names=("balancer", "bot", "indexer")):
        bare_project.config({"project": "t", "default": "dev", "environments": {"dev": {"url": "embedded"}},
                             "migrations": [{"service": n, "path": f"services/{n}"} for n in names]})
        for name in names:
            (bare_project / "services" / name).mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            bare_project.write(f"services/{name}.up.sql", text)
        return bare_project
    return make


def conflicts(project, *words, code=3):
    return project.godwit("conflicts", "--json", *words, code=code).json["conflicts"]


def only(found):
    assert len(found) == 1, found
    return found[0]


def places(conflict):
    return [(p["party"], p["file"], p["line"], p["column"]) for p in conflict["places"]]


def test_none(services):
    project = services({"bot/1_a": "CREATE TABLE a (id int);", "indexer/1_b": "CREATE TABLE b (id int);"})
    assert conflicts(project, code=0) == []
    assert "no conflicts" in project.godwit("conflicts", code=0).out


def test_the_same_table_twice(services):
    project = services({"bot/1_a": "CREATE TABLE x (id int);\n\nCREATE TABLE users (id int);",
                        "indexer/2_b": "-- first\nCREATE TABLE users (id int, name text);"})
    found = only(conflicts(project))
    assert found["kind"] == "created_twice" and found["object"] == "table public.users"
    assert places(found) == [("bot", "services/bot/1_a.up.sql", 3, 1), ("indexer", "services/indexer/2_b.up.sql", 2, 1)]
    assert [c["column"] for c in found["columns"]] == ["name"]
    text = project.godwit("conflicts", code=3).out
    assert "services/bot/1_a.up.sql:3:1 (bot)" in text and "services/indexer/2_b.up.sql:2:1 (indexer)" in text


def test_one_definition_that_is_ignored_in_silence(services):
    project = services({
        "bot/2_users": "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY, email varchar(50) NOT NULL, "
                       "age int, kind text DEFAULT 'a', UNIQUE (email));",
        "indexer/1_users": 'CREATE TABLE IF NOT EXISTS public."users" (id int8 NOT NULL PRIMARY KEY, email text NOT NULL,'
                           ' "Age" int, kind text DEFAULT \'b\');'})
    found = only(conflicts(project))
    assert found["kind"] == "definition_ignored" and "bot's definition is ignored" in found["message"]
    assert [p["party"] for p in found["places"]] == ["indexer", "bot"], "in order of running"
    columns = {c["column"]: (c["first"], c["second"]) for c in found["columns"]}
    # The keys of a table go by the columns that they are on.
    assert columns.pop("Age") == ('"Age" int', None)
    assert columns.pop("age") == (None, "age int")
    assert columns.pop("kind") == ("kind text DEFAULT 'b'", "kind text DEFAULT 'a'")
    assert set(columns) == {"email"} and "id" not in columns
    shown = [(c["first"], c["second"]) for c in found["columns"] if c["column"] == "email"]
    assert ("email text NOT NULL", "email varchar(50) NOT NULL") in shown and (None, "UNIQUE (email)") in shown


def test_the_same_definition_if_not_exists_is_no_conflict(services):
    project = services({"bot/1_a": "CREATE TABLE IF NOT EXISTS u (id bigint PRIMARY KEY, n varchar(5));",
                        "indexer/1_a": "create table if not exists public.u (\n id int8 primary key, -- the key\n"
                                       " n character varying(5)\n);",
                        "balancer/1_a": "CREATE EXTENSION IF NOT EXISTS pgcrypto; CREATE SCHEMA IF NOT EXISTS app;",
                        "bot/2_b": "CREATE EXTENSION IF NOT EXISTS pgcrypto; CREATE SCHEMA IF NOT EXISTS app;"})
    assert conflicts(project, code=0) == []


def test_other_schemas_are_other_objects(services):
    project = services({"bot/1_a": "CREATE SCHEMA bot; SET search_path = bot; CREATE TABLE u (id int);",
                        "indexer/1_a": "CREATE TABLE u (id int, x int);"})
    assert conflicts(project, code=0) == []


def test_what_is_gone_before_is_no_conflict(services):
    project = services({"bot/1_a": "CREATE TABLE u (id int);", "bot/2_b": "DROP TABLE u;",
                        "indexer/3_a": "CREATE TABLE u (id int);"})
    kinds = {c["kind"] for c in conflicts(project)}
    assert kinds == {"changed_under_the_other"}


@pytest.mark.parametrize("first, second, kind", [
    ("CREATE TYPE mood AS ENUM ('a');", "CREATE TYPE mood AS ENUM ('b');", "created_twice"),
    ("CREATE VIEW v AS SELECT 1 AS a;", "CREATE OR REPLACE VIEW v AS SELECT 2 AS a;", "replaced"),
    ("CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';",
     "CREATE OR REPLACE FUNCTION f(integer) RETURNS int LANGUAGE sql AS 'SELECT 2';", "replaced"),
    ("CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';",
     "CREATE OR REPLACE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';", None),
    ("CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';",
     "CREATE FUNCTION f(text) RETURNS int LANGUAGE sql AS 'SELECT 1';", None),
    ("CREATE SEQUENCE s;", "CREATE SEQUENCE s;", "created_twice"),
    ("CREATE TABLE t (id int); CREATE INDEX i ON t (id);", "CREATE TABLE u (id int); CREATE INDEX i ON u (id);",
     "created_twice"),
    ("CREATE TABLE t (id int); CREATE INDEX i ON t (id);",
     "CREATE TABLE u (id int); CREATE INDEX IF NOT EXISTS i ON u (id);", "definition_ignored"),
    ("CREATE TEMP TABLE t (id int);", "CREATE TEMP TABLE t (id text);", None),
    ("ALTER TABLE old ADD c int;", "ALTER TABLE old ADD c text;", "created_twice"),
    ("ALTER TABLE old ADD c int;", "ALTER TABLE old ADD COLUMN IF NOT EXISTS c text;", "definition_ignored"),
    ("ALTER TABLE old ADD c int;", "ALTER TABLE old ADD COLUMN IF NOT EXISTS c integer;", None),
])
def test_other_objects(services, first, second, kind):
    project = services({"bot/1_a": first, "indexer/2_b": second})
    found = conflicts(project, code=3 if kind else 0)
    assert [c["kind"] for c in found] == ([kind] if kind else [])


@pytest.mark.parametrize("first, second, kind, named", [
    ("CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();",
     "CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();", "created_twice", "trigger g on public.t"),
    ("CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();",
     "DROP TRIGGER IF EXISTS g ON public.t; CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();", "replaced",
     "trigger g on public.t"),
    ("CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();",
     "DROP TRIGGER IF EXISTS g ON t; CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();", None, None),
    ("CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();",
     "CREATE TRIGGER g BEFORE INSERT ON u FOR EACH ROW EXECUTE FUNCTION f();", None, None),
    ('CREATE POLICY "My p" ON t USING (true);', 'CREATE POLICY "My p" ON public.t USING (false);', "created_twice",
     "policy My p on public.t"),
    ("CREATE POLICY p ON t USING (true);", "CREATE POLICY p ON other.t USING (true);", None, None),
    ("CREATE RULE r AS ON INSERT TO t DO NOTHING;", "CREATE OR REPLACE RULE r AS ON INSERT TO t DO INSTEAD NOTHING;", "replaced",
     "rule r on public.t"),
    ("ALTER TABLE t ADD CONSTRAINT k CHECK (id > 0);", "ALTER TABLE t ADD CONSTRAINT k CHECK (id > 1);", "created_twice",
     "constraint k on public.t"),
    ("ALTER TABLE t ADD CONSTRAINT k CHECK (id > 0);",
     "ALTER TABLE t DROP CONSTRAINT IF EXISTS k; ALTER TABLE t ADD CONSTRAINT k CHECK (id > 1);", "replaced", "constraint k on public.t"),
    ("ALTER TABLE t ADD CONSTRAINT k CHECK (id > 0);", "ALTER TABLE u ADD CONSTRAINT k CHECK (id > 0);", None, None),
])
def test_parts_of_a_table(services, first, second, kind, named):
    project = services({"bot/1_a": first, "indexer/2_b": second})
    found = conflicts(project, code=3 if kind else 0)
    assert [(c["kind"], c["object"]) for c in found] == ([(kind, named)] if kind else [])


@pytest.mark.parametrize("directive, hit", [
    ("ignore conflict the bot leaves before", False), ("ignore conflict_created_twice they agreed", False),
    ("ignore conflict_replaced not this", True), ("ignore conflict", True), ("ignore created_twice a rule of lint", True)])
def test_what_is_meant_is_ignored_with_its_reason(services, directive, hit):
    project = services({"bot/1_a": "CREATE TABLE u (id int);",
                        "indexer/2_b": f"CREATE TABLE v (id int);\n-- godwit: {directive}\nCREATE TABLE u (id int);\nCREATE TABLE w (id int);"})
    found = conflicts(project, code=3 if hit else 0)
    assert [c["object"] for c in found] == (["table public.u"] if hit else [])
    project.write("services/bot/3_c.up.sql", "CREATE TABLE w (id int);")
    assert "table public.w" in [c["object"] for c in conflicts(project)], "the others are found"


@pytest.mark.parametrize("change, use, hit", [
    ("DROP TABLE orders;", "CREATE TABLE lines (o int REFERENCES orders);", True),
    ("DROP TABLE public.orders;", "CREATE VIEW v AS SELECT id FROM orders;", True),
    ("DROP TABLE orders;", "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DELETE FROM orders; END $$;", True),
    ("DROP TABLE orders;", "CREATE TABLE orders_old (id int);", False),
    ("ALTER TABLE orders DROP COLUMN total;", "CREATE INDEX ON orders (total);", True),
    ("ALTER TABLE orders DROP COLUMN total;", "CREATE INDEX ON orders (state);", False),
    ("ALTER TABLE orders ALTER total TYPE bigint;", "UPDATE orders SET total = 1;", True),
    ("ALTER TABLE orders RENAME TO purchases;", "INSERT INTO orders VALUES (1);", True),
    ("ALTER TABLE orders RENAME COLUMN total TO sum;", "UPDATE orders SET total = 1;", True),
    ("ALTER TABLE orders ADD COLUMN total int;", "CREATE INDEX ON orders (state);", False),
    ("DROP TYPE mood;", "CREATE TABLE people (m mood);", True),
    ("ALTER TYPE mood RENAME TO temper;", "CREATE TABLE people (m mood);", True),
    ("DROP FUNCTION f();", "CREATE TABLE t (id int DEFAULT f());", True),
    ("DROP FUNCTION f();", "CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION f();", True),
])
def test_changed_by_one_and_used_by_the_other(services, change, use, hit):
    project = services({"bot/2_a": "SELECT 1;\n" + change, "indexer/1_b": use})
    found = conflicts(project, code=3 if hit else 0)
    assert [c["kind"] for c in found] == (["changed_under_the_other"] if hit else [])
    if hit:
        assert places(found[0])[0] == ("bot", "services/bot/2_a.up.sql", 2, 1)
        assert places(found[0])[1] == ("indexer", "services/indexer/1_b.up.sql", 1, 1)


@pytest.mark.parametrize("enum, text, hit", [
    ("CREATE TABLE orders (status order_status)", "CREATE TABLE pay (order_status varchar(20))", True),
    ("CREATE TABLE orders (currency order_status)", "CREATE TABLE pay (currency text)", True),
    ("CREATE TABLE orders (status order_status)", "CREATE TABLE users (status text)", False),
    ("CREATE TABLE orders (status order_status)", "CREATE TABLE users (status text DEFAULT 'paid')", True),
    ("CREATE TABLE orders (status order_status)", "CREATE TABLE users (id int)", False),
])
def test_an_enum_against_a_text(services, enum, text, hit):
    project = services({"bot/1_a": f"CREATE TYPE order_status AS ENUM ('new', 'paid');\n{enum};", "indexer/1_b": text})
    found = conflicts(project, code=3 if hit else 0)
    assert [c["kind"] for c in found] == (["enum_against_text"] if hit else [])
    if hit:
        assert places(found[0])[0][2] == 2


def test_a_version_twice_in_a_service(services):
    project = services({"bot/1_a": "CREATE TABLE a (id int);", "bot/1_b": "CREATE TABLE b (id int);",
                        "indexer/1_a": "CREATE TABLE c (id int);"})
    found = only(conflicts(project))
    assert found["kind"] == "same_version"
    assert sorted(p["file"] for p in found["places"]) == ["services/bot/1_a.up.sql", "services/bot/1_b.up.sql"]


def test_names_that_need_quotes(services):
    name = '"Größe ""x"" select"'
    project = services({"bot/1_a": f"CREATE TABLE {name} (id int);", "indexer/1_b": f"CREATE TABLE {name} (id int);"})
    assert only(conflicts(project))["object"] == 'table public.Größe "x" select'


def test_what_cannot_be_read_is_passed_over(services):
    project = services({"bot/1_a": "CREATE TABEL a (id int); CREATE TABLE u (id int);",
                        "indexer/1_b": "CREATE TABLE u (id int);"})
    assert only(conflicts(project))["object"] == "table public.u"


def test_the_three_services_of_ledgerflow(bare_project):
    shutil.copytree(ROOT / "examples" / "ledgerflow", bare_project.path, dirs_exist_ok=True)
    words = ("--config", "godwit.services.yaml")
    assert bare_project.godwit(*words, "conflicts", code=0).out == "no conflicts\n"
    bare_project.write("services/bot/migrations/20250501000000_deposits.up.sql",
                       "CREATE TABLE IF NOT EXISTS deposit_events (id bigserial PRIMARY KEY, amount numeric NOT NULL);\n"
                       "ALTER TABLE orders DROP COLUMN broker_id;\n"
                       "CREATE TABLE notices (order_status text);\n")
    found = bare_project.godwit(*words, "conflicts", "--json", code=3).json["conflicts"]
    assert {c["kind"] for c in found} == {"definition_ignored", "changed_under_the_other", "enum_against_text"}
    hidden = next(c for c in found if c["kind"] == "definition_ignored")
    assert {"amount", "chain_id"} <= {c["column"] for c in hidden["columns"]}


# ---- branches


def git(project, *words):
    environment = {"PATH": os.environ["PATH"], "HOME": str(project.path), "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *words], cwd=project.path,
                          env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def commit(project, files):
    for name, text in files.items():
        project.write(name, text)
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "a step")


@pytest.fixture
def repository(bare_project):
    """Branch main with one migration; work stands on a branch of its own."""
    bare_project.config({"project": "t", "migrations": "db/migrations", "default": "dev",
                         "environments": {"dev": {"url": "embedded"}}})
    git(bare_project, "init", "-q", "-b", "main")
    commit(bare_project, {"db/migrations/1_base.up.sql": "CREATE TABLE orders (id int, total int);"})
    git(bare_project, "checkout", "-q", "-b", "work")
    return bare_project


def on_main(project, files):
    git(project, "checkout", "-q", "main")
    commit(project, files)
    git(project, "checkout", "-q", "work")


def test_branches_without_a_clash(repository):
    on_main(repository, {"db/migrations/2_a.up.sql": "CREATE TABLE a (id int);"})
    commit(repository, {"db/migrations/3_b.up.sql": "CREATE TABLE b (id int); CREATE INDEX ON orders (id);"})
    before = git(repository, "status", "--porcelain") + git(repository, "rev-parse", "HEAD")
    assert conflicts(repository, "--against", "main", code=0) == []
    assert git(repository, "status", "--porcelain") + git(repository, "rev-parse", "HEAD") == before
    assert conflicts(repository, "--against", "work", code=0) == []


def test_one_version_on_two_branches(repository):
    on_main(repository, {"db/migrations/2_a.up.sql": "CREATE TABLE a (id int);"})
    commit(repository, {"db/migrations/2_b.up.sql": "CREATE TABLE b (id int);"})
    found = only(conflicts(repository, "--against", "main"))
    assert found["kind"] == "same_version" and "two migrations" in found["message"]
    assert [p["file"] for p in found["places"]] == ["db/migrations/2_b.up.sql", "main:db/migrations/2_a.up.sql"]


def test_one_file_with_two_contents(repository):
    commit(repository, {"db/migrations/1_base.up.sql": "CREATE TABLE orders (id int, total bigint);"})
    found = conflicts(repository, "--against", "main")
    assert "same_version" in [c["kind"] for c in found]
    assert "differs" in next(c for c in found if c["kind"] == "same_version")["message"]


def test_line_ends_are_no_difference(repository):
    on_main(repository, {"db/migrations/2_a.up.sql": "CREATE TABLE a (\nid int);\n"})
    commit(repository, {"db/migrations/2_a.up.sql": "CREATE TABLE a (\r\nid int);\r\n"})
    assert conflicts(repository, "--against", "main", code=0) == []


def test_objects_on_two_branches(repository):
    on_main(repository, {"db/migrations/2_a.up.sql": "-- x\nCREATE TABLE IF NOT EXISTS u (id int);\n"
                                                     "CREATE INDEX orders_total ON orders (total);"})
    commit(repository, {"db/migrations/3_b.up.sql": "CREATE TABLE IF NOT EXISTS u (id bigint);\n"
                                                    "ALTER TABLE orders DROP COLUMN total;"})
    found = {c["kind"]: c for c in conflicts(repository, "--against", "main")}
    assert set(found) == {"definition_ignored", "changed_under_the_other"}
    assert places(found["definition_ignored"]) == [("main", "main:db/migrations/2_a.up.sql", 2, 1),
                                                   ("the work tree", "db/migrations/3_b.up.sql", 1, 1)]
    assert places(found["changed_under_the_other"]) == [("the work tree", "db/migrations/3_b.up.sql", 2, 1),
                                                        ("main", "main:db/migrations/2_a.up.sql", 3, 1)]


def test_a_column_dropped_on_both(repository):
    on_main(repository, {"db/migrations/2_a.up.sql": "ALTER TABLE orders DROP COLUMN total;"})
    commit(repository, {"db/migrations/3_b.up.sql": "ALTER TABLE orders DROP COLUMN total;"})
    assert "changed_twice" in {c["kind"] for c in conflicts(repository, "--against", "main")}


def test_files_that_are_not_committed_count_here(repository):
    on_main(repository, {"db/migrations/2_a.up.sql": "CREATE TABLE u (id int);"})
    repository.write("db/migrations/3_b.up.sql", "CREATE TABLE u (id int);")
    assert only(conflicts(repository, "--against", "main"))["kind"] == "created_twice"


def test_names_of_files_in_the_other_branch(repository):
    on_main(repository, {'db/migrations/2_we "quoted" Tàble.up.sql': "CREATE TABLE u (id int);"})
    commit(repository, {"db/migrations/3_b.up.sql": "CREATE TABLE u (id int);"})
    found = only(conflicts(repository, "--against", "main"))
    assert found["places"][0]["file"] == 'main:db/migrations/2_we "quoted" Tàble.up.sql'


def test_a_project_below_the_root_and_tags(bare_project, godwit):
    git(bare_project, "init", "-q", "-b", "main")
    config = "project: t\nmigrations: m\ndefault: d\nenvironments: { d: { url: embedded } }\n"
    commit(bare_project, {"apps/one/godwit.yaml": config, "apps/one/m/1_a.up.sql": "CREATE TABLE u (id int);",
                          "m/1_a.up.sql": "CREATE TABLE other (id int);"})
    git(bare_project, "tag", "v1")
    bare_project.write("apps/one/m/1_a.up.sql", "CREATE TABLE u (id bigint);")
    result = godwit("conflicts", "--against", "v1", "--json", cwd=bare_project / "apps/one", code=3)
    assert "same_version" in {c["kind"] for c in result.json["conflicts"]}


def test_no_such_branch_no_repository_no_git(repository, make_project, tmp_path):
    assert "no commit" in repository.godwit("conflicts", "--against", "nowhere", code=2).err
    assert "no commit" in repository.godwit("conflicts", "--against", "--help", code=2).err
    alone = make_project()
    alone.write("godwit.yaml", repository.read("godwit.yaml"))
    (alone / "db/migrations").mkdir(parents=True)
    assert "git repository" in alone.godwit("conflicts", "--against", "main", code=1).err
    assert "git is not here" in repository.godwit("conflicts", "--against", "main", env={"PATH": str(tmp_path)}, code=1).err


def test_nothing_is_left_behind(repository, tmp_path):
    repository.godwit("conflicts", "--against", "main", env={"TMPDIR": str(tmp_path)}, code=0)
    repository.godwit("conflicts", "--against", "nowhere", env={"TMPDIR": str(tmp_path)}, code=2)
    assert list(tmp_path.iterdir()) == []
