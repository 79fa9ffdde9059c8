"""plan: what `up` would do, statement by statement, seen on a shadow of the target."""
import shutil
import subprocess

import pytest
from harness import system
from harness.ledgerflow import needs_pg_dump

TABLES = ("CREATE TABLE orders (id int PRIMARY KEY, state text, total int);"
          "CREATE TABLE lines (id int PRIMARY KEY, order_id int);"
          "CREATE INDEX lines_order ON lines (order_id);")


@pytest.fixture
def shop(project, database):
    project.migration(1, "base", TABLES)
    project.godwit("up", code=0)
    database.execute("INSERT INTO orders SELECT g, 'new', g FROM generate_series(1, 100) g")
    return project


def plan(project, *words, code=0, **options):
    return project.godwit("plan", "--json", *words, code=code, **options).json


def statements(project, *words, **options):
    return [s for m in plan(project, *words, **options)["migrations"] for s in m["statements"]]


def one(project, up, *words, **options):
    """The one statement of a new file 2."""
    project.migration(2, "next", up)
    found = statements(project, *words, **options)
    assert len(found) == 1, found
    return found[0]


def locks(statement):
    return {lock["relation"]: lock["mode"] for lock in statement["locks"]}


def rules(statement):
    return {w["rule"] for w in statement["warnings"]}


def dump(database):
    needs_pg_dump(database.server)
    # Newer ones write a random word into \restrict.
    text = subprocess.run(["pg_dump", "-d", database.url], capture_output=True, text=True, check=True).stdout
    return [line for line in text.splitlines() if "restrict" not in line]


def test_nothing_pending(shop):
    result = shop.godwit("plan", code=0)
    assert "nothing to apply" in result.out + result.err
    document = plan(shop)
    assert document["migrations"] == [] and document["changes"] == []


def test_the_shape_of_the_contract(shop):
    shop.migration(2, "more", "ALTER TABLE orders ADD note text;\nCREATE TABLE fresh (id int);")
    document = plan(shop)
    (migration,) = document["migrations"]
    assert (migration["version"], migration["name"]) == ("2", "more")
    first, second = migration["statements"]
    assert first["sql"] == "ALTER TABLE orders ADD note text" and first["line"] == 1
    assert second["line"] == 2 and second["locks"] == [], "nobody else can want a new table"
    assert locks(first) == {"public.orders": "ACCESS EXCLUSIVE"}
    for statement in (first, second):
        assert isinstance(statement["duration_ms"], int)
        assert {"rewrites", "scans", "warnings", "transactional"} <= set(statement)
    assert {"kind": "column", "object": "public.orders.note", "action": "create"}.items() <= next(
        c for c in document["changes"] if c["object"] == "public.orders.note").items()
    assert any(c["object"] == "public.fresh" for c in document["changes"])


# As PostgreSQL's chapter on explicit locking has it; t is the table.
LOCKS = [
    ("ALTER TABLE t ADD c int", "ACCESS EXCLUSIVE"),
    ("ALTER TABLE t ADD CONSTRAINT c CHECK (total > 0) NOT VALID", "ACCESS EXCLUSIVE"),
    ("ALTER TABLE t ALTER state SET STATISTICS 10", "SHARE UPDATE EXCLUSIVE"),
    ("CREATE INDEX ON t (state)", "SHARE"),
    ("CREATE TRIGGER t BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
     "SHARE ROW EXCLUSIVE"),
    ("UPDATE t SET total = 0", "ROW EXCLUSIVE"),
    ("SELECT 1 FROM t FOR UPDATE", "ROW SHARE"),
    ("SELECT 1 FROM t", "ACCESS SHARE"),
    ("LOCK TABLE t IN EXCLUSIVE MODE", "EXCLUSIVE"),
    ("ANALYZE t", "SHARE UPDATE EXCLUSIVE"),
    ("DROP TABLE t", "ACCESS EXCLUSIVE"),
    ("TRUNCATE t", "ACCESS EXCLUSIVE"),
    ("CREATE STATISTICS st ON state, total FROM t", "SHARE UPDATE EXCLUSIVE"),
    ("COMMENT ON TABLE t IS 'x'", "SHARE UPDATE EXCLUSIVE"),
]
REWRITES = [
    ("ALTER TABLE t ALTER total TYPE bigint", True),
    ("ALTER TABLE t ADD c uuid DEFAULT md5(random()::text)::uuid", True),
    ("ALTER TABLE t ADD c timestamptz DEFAULT clock_timestamp()", True),
    ("ALTER TABLE t SET UNLOGGED", True),
    ("CLUSTER t USING t_pkey", True),
    ("ALTER TABLE t ADD c int DEFAULT 5", False),
    ("ALTER TABLE t ADD c timestamptz DEFAULT now()", False),
    ("ALTER TABLE t ALTER state TYPE varchar", False),
    ("ALTER TABLE t DROP total", False),
]
SCANS = [
    ("ALTER TABLE t ALTER state SET NOT NULL", True),
    ("ALTER TABLE t ADD CHECK (total > 0)", True),
    ("ALTER TABLE t ADD CHECK (total > 0) NOT VALID", False),
]


def sees_scans(project, database):
    """A fenced shadow of before 15 counts none, and plan says so."""
    said = any("counts no scans" in w for w in plan(project)["warnings"])
    assert not said or database.server.major < 15
    return not said


def test_locks_rewrites_and_scans_are_those_of_the_server(project, database):
    """Each statement as a file of its own, in a schema of its own."""
    cases = [(s, "lock", e) for s, e in LOCKS] + [(s, "rewrite", e) for s, e in REWRITES] + \
            [(s, "scan", e) for s, e in SCANS]
    for number, (statement, _, _) in enumerate(cases, 1):
        database.execute(f"CREATE SCHEMA s{number}; SET search_path = s{number};"
                         "CREATE TABLE t (id int PRIMARY KEY, state text, total int)")
        project.migration(number, "case", f"SET LOCAL search_path = s{number};\n{statement};")
    migrations = plan(project)["migrations"]
    assert len(migrations) == len(cases)
    scans = sees_scans(project, database)
    for number, ((statement, what, expected), migration) in enumerate(zip(cases, migrations), 1):
        found, table = migration["statements"][1], f"s{number}.t"
        if what == "lock":
            assert locks(found)[table] == expected, statement
        elif what == "rewrite":
            assert found["rewrites"] == ([table] if expected else []), statement
            assert ("table_rewrite" in rules(found)) == expected, statement
        elif scans:
            assert found["scans"] == ([table] if expected else []), statement
            assert ("full_scan" in rules(found)) == expected, statement


def test_foreign_keys_and_validation(shop, database):
    database.execute("ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID")
    shop.migration(2, "key", "ALTER TABLE lines ADD FOREIGN KEY (order_id) REFERENCES orders;")
    shop.migration(3, "valid", "ALTER TABLE orders VALIDATE CONSTRAINT positive;")
    key, valid = statements(shop)
    assert locks(key) == {"public.lines": "SHARE ROW EXCLUSIVE", "public.orders": "SHARE ROW EXCLUSIVE"}
    assert valid["scans"] == (["public.orders"] if sees_scans(shop, database) else [])
    assert locks(valid)["public.orders"] == "SHARE UPDATE EXCLUSIVE" and "full_scan" not in rules(valid)


def test_a_strong_lock_that_is_kept_is_pointed_out_once(shop):
    shop.migration(2, "next", "ALTER TABLE orders ADD c int;\nUPDATE lines SET id = id;\n"
                              "ALTER TABLE orders ADD d int;\n")
    first, second, third = statements(shop)
    assert rules(first) == {"lock_kept"}
    assert "2 more statements run" in first["warnings"][0]["message"]
    assert "public.orders" not in locks(third), "it has that lock already"
    assert not rules(second) and not rules(third)
    shop.migration(2, "next", "-- godwit: no-transaction\nALTER TABLE orders ADD c int;\nSELECT 1;\n")
    first, second = statements(shop)
    assert locks(first) == {"public.orders": "ACCESS EXCLUSIVE"} and not rules(first)


def test_concurrently(shop):
    shop.migration(2, "next", "-- godwit: no-transaction\n"
                              "CREATE INDEX CONCURRENTLY orders_state ON orders (state);\n"
                              "DROP INDEX CONCURRENTLY lines_order;\n"
                              "REINDEX TABLE CONCURRENTLY public.orders;\n")
    created, dropped, rebuilt = statements(shop)
    assert not created["transactional"] and not dropped["transactional"] and not rebuilt["transactional"]
    assert locks(created) == {"public.orders": "SHARE UPDATE EXCLUSIVE"}
    assert locks(dropped) == {"public.lines": "SHARE UPDATE EXCLUSIVE"}
    assert locks(rebuilt) == {"public.orders": "SHARE UPDATE EXCLUSIVE"}
    changes = {(c["action"], c["object"]) for c in plan(shop)["changes"]}
    assert {a for a, o in changes if "orders_state" in o} == {"create"}
    assert {a for a, o in changes if "lines_order" in o} == {"drop"}


def test_what_needs_the_target_s_rows_is_said_and_passed_over(shop):
    shop.migration(2, "next", "INSERT INTO orders SELECT max(id) + 1, 'x', 1 FROM orders;\n"
                              "DO $$ BEGIN IF NOT EXISTS (SELECT FROM orders) THEN RAISE 'empty'; END IF; END $$;\n"
                              "ALTER TABLE orders ADD c int;\n")
    first, second, third = statements(shop)
    assert "needs_rows" in rules(first) and "needs_rows" in rules(second)
    assert locks(third) == {"public.orders": "ACCESS EXCLUSIVE"}
    assert "empty" in second["warnings"][0]["message"]


def test_what_would_fail_is_an_error_with_its_place_and_the_target_is_untouched(shop, database):
    before = dump(database)
    shop.migration(2, "first", "ALTER TABLE orders ADD c int;")
    shop.migration(3, "second", "CREATE TABLE fine (id int);\n\nALTER TABLE orders\n  ADD d no_such_type;\n")
    result = shop.godwit("plan", code=1)
    assert "migrations/3_second.up.sql:4:9" in result.err and "no_such_type" in result.err
    assert "3" in result.err
    shop.migration(3, "second", "ALTER TABLE orders ADD c int;\n")
    document = shop.godwit("plan", "--json", code=1).json
    assert document["error"]["sqlstate"] == "42701"
    shop.migration(3, "second", "SELEC 1;")
    assert "3_second.up.sql:1:1" in shop.godwit("plan", code=1).err
    assert dump(database) == before


def test_the_target_is_not_changed_by_a_plan_that_succeeds(shop, database):
    before = dump(database)
    shop.migration(2, "next", "DROP TABLE lines; ALTER TABLE orders DROP total; INSERT INTO orders VALUES (1000);")
    shop.godwit("plan", code=0)
    assert dump(database) == before
    assert database.value("SELECT count(*) FROM orders") == 100


def test_a_fresh_database_needs_no_history(project, database):
    project.migration(1, "base", TABLES)
    found = statements(project)
    assert len(found) == 3 and all(s["locks"] == [] for s in found)
    assert database.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'godwit'") == []


def test_drift_counts(shop, database):
    database.execute("CREATE TABLE by_hand (id int); ALTER TABLE orders ADD extra text")
    found = one(shop, "ALTER TABLE by_hand ADD c int")
    assert locks(found) == {"public.by_hand": "ACCESS EXCLUSIVE"}
    shop.migration(2, "next", "ALTER TABLE orders ADD extra text")
    assert "already exists" in shop.godwit("plan", code=1).err


def test_awkward_names(project, database):
    name, long = 'Sch "ö" x', "n" * 63
    database.execute(f'CREATE SCHEMA "Sch ""ö"" x"; CREATE TABLE "Sch ""ö"" x"."select" (id int);'
                     f'CREATE TABLE "{long}" (id int)')
    project.migration(1, "next", f'ALTER TABLE "Sch ""ö"" x"."select" ADD "a b" int;\n'
                                 f'-- godwit: ignore nothing\nALTER TABLE "{long}" ADD c int;\n')
    first, second = statements(project)
    assert locks(first) == {'"Sch ""ö"" x"."select"': "ACCESS EXCLUSIVE"}
    assert locks(second) == {f"public.{long}": "ACCESS EXCLUSIVE"}
    assert name in project.godwit("plan", code=0).out.replace('""', '"')
    project.migration(2, "index", "-- godwit: no-transaction\n"
                                  'CREATE INDEX CONCURRENTLY ON "Sch ""ö"" x"."select" (id);')
    assert locks(statements(project)[-1]) == {'"Sch ""ö"" x"."select"': "SHARE UPDATE EXCLUSIVE"}


def test_names_are_found_as_the_role_finds_them(make_project, database):
    database.execute("CREATE SCHEMA app; CREATE TABLE app.t (id int); CREATE TABLE public.t (id int)")
    role = database.role("GRANT ALL ON DATABASE {database} TO {role}", "ALTER ROLE {role} SET search_path = app, public",
                         "ALTER TABLE app.t OWNER TO {role}", "GRANT ALL ON SCHEMA app TO {role}",
                         "GRANT ALL ON SCHEMA public TO {role}")
    project = make_project(database.url_for(role))
    project.migration(1, "one", "ALTER TABLE t ADD c int; CREATE TABLE u (id int);")
    document = plan(project)
    assert locks(document["migrations"][0]["statements"][0]) == {"app.t": "ACCESS EXCLUSIVE"}
    assert "app.u" in {c["object"] for c in document["changes"]}
    project.migration(1, "one", "-- godwit: no-transaction\nCREATE INDEX CONCURRENTLY ON t (id);")
    assert locks(statements(project)[0]) == {"app.t": "SHARE UPDATE EXCLUSIVE"}


def test_batches_copied_rows_and_enum_values(shop, database):
    database.execute("CREATE TYPE mood AS ENUM ('a')")
    shop.migration(2, "fill", "-- godwit: batch orders.id 10\n"
                              "UPDATE orders SET state = 'old' WHERE id BETWEEN $1 AND $2;\n")
    shop.migration(3, "rows", "COPY orders (id, state) FROM stdin;\n1000\tnew\n1001\told; it's\n\\.\n"
                              "ALTER TABLE orders ADD c int;\n")
    shop.migration(4, "next", "ALTER TYPE mood ADD VALUE 'b';\nCREATE EXTENSION IF NOT EXISTS pg_trgm;\n")
    batch, copy, alter, value, extension = statements(shop)
    assert locks(batch)["public.orders"] == "ROW EXCLUSIVE"
    assert locks(copy)["public.orders"] == "ROW EXCLUSIVE" and "COPY orders" in copy["sql"]
    assert locks(alter) == {"public.orders": "ACCESS EXCLUSIVE"}
    assert not rules(value) and not rules(extension)
    shop.godwit("up", code=0)
    assert database.value("SELECT count(*) FROM orders WHERE state = 'old'") == 100


@pytest.mark.slow
def test_which_files(make_project, database):
    project = make_project(database.url)
    project.config({"project": "t", "migrations": [{"service": "a", "path": "a"}, {"service": "b", "path": "b"}],
                    "default": "x", "environments": {"x": {"url": database.url}}})
    for service, version in (("a", 1), ("b", 2), ("a", 3), ("b", 4)):
        project.write(f"{service}/{version}_t.up.sql", f"CREATE TABLE t{version} (id int);")

    def versions(*words, **options):
        return [m["version"] for m in plan(project, *words, **options)["migrations"]]

    assert versions() == ["1", "2", "3", "4"]
    assert versions("--to", "3") == ["1", "2", "3"]
    assert versions("--steps", "1") == ["1"]
    assert versions("--service", "b") == ["2", "4"]
    assert {m["service"] for m in plan(project, "--service", "b")["migrations"]} == {"b"}
    project.godwit("up", "--to", "1", code=0)
    project.godwit("up", "--service", "a", code=0)
    assert versions() == ["2", "4"], "the services go their own ways"
    project.write("a/2_late.up.sql", "CREATE TABLE late (id int);")
    refused = project.godwit("plan", code=(1, 3, 5))
    assert "--out-of-order" in refused.err
    assert versions("--out-of-order") == ["2", "2", "4"]
    project.godwit("plan", "--to", "99", code=(1, 2))


@pytest.mark.slow
def test_nothing_reaches_outside(shop, database, make_database):
    server = database.server
    role, other = database.role(), make_database()
    before = server.execute("SELECT rolname, rolconnlimit, rolvaliduntil FROM pg_roles ORDER BY 1")
    proof = f"/tmp/godwit-plan-{database.name}"
    shop.migration(2, "outside", f"ALTER ROLE \"{role}\" CONNECTION LIMIT 7;\nCREATE ROLE made_by_plan;\n"
                                 f"ALTER DATABASE \"{other.name}\" SET work_mem = '1MB';\n")
    shop.godwit("plan", code=(0, 1))
    for statement in (f"COPY orders TO PROGRAM 'cat > {proof}'", f"CREATE DATABASE x{database.name}",
                      "ALTER SYSTEM SET work_mem = '1MB'",
                      f"CREATE EXTENSION dblink; SELECT dblink_exec('{other.url}', 'CREATE TABLE reached (id int)')",
                      f"SELECT pg_create_physical_replication_slot('s_{database.name}')",
                      f"CREATE SUBSCRIPTION s CONNECTION '{other.url}' PUBLICATION p WITH (connect = false)"):
        shop.migration(2, "outside", "-- godwit: no-transaction\n" + statement + ";")
        shop.godwit("plan", code=(0, 1))
    assert server.execute("SELECT rolname, rolconnlimit, rolvaliduntil FROM pg_roles ORDER BY 1") == before
    assert server.execute("SELECT 1 FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase"
                          " WHERE d.datname = %s", [other.name]) == []
    assert server.execute("SELECT 1 FROM pg_database WHERE datname = %s", ["x" + database.name]) == []
    assert server.execute("SELECT 1 FROM pg_replication_slots") == []
    assert server.execute("SELECT 1 FROM pg_file_settings WHERE sourcefile LIKE '%%auto.conf'") == []
    assert other.tables() == []
    assert subprocess.run(["test", "-e", proof], check=False).returncode == 1


def test_what_was_not_tried_is_said(shop, database):
    role = database.role()
    shop.migration(2, "outside", f"COPY orders TO PROGRAM 'cat >/dev/null';\nALTER TABLE orders ADD c int;\n"
                                 f"GRANT SELECT ON orders TO \"{role}\";")
    result = shop.godwit("plan", "--json", code=(0, 1))
    if result.code == 0:
        first = result.json["migrations"][0]["statements"][0]
        assert "not_tried" in rules(first)
    else:
        assert "cannot be tried" in result.out and "2_outside.up.sql:1:1" in result.out


def test_text(shop, database):
    shop.migration(2, "next", "ALTER TABLE orders ADD CHECK (total > 0);\nCREATE TABLE fresh (id int);\n")
    out = shop.godwit("plan", code=0).out + shop.godwit("plan", code=0).err
    assert "2 next" in out and "locks public.orders: ACCESS EXCLUSIVE" in out
    assert "[lock_kept]" in out
    assert ("[full_scan]" in out) == sees_scans(shop, database)
    assert "+ table public.fresh" in out and "nothing was changed" in out


def test_dry_run_is_the_sql_and_names_plan(shop, database):
    shop.migration(2, "next", "ALTER TABLE orders ADD c int;\n")
    before = dump(database)
    result = shop.godwit("up", "--dry-run", code=0)
    assert "ALTER TABLE orders ADD c int;" in result.out and "COMMIT;" in result.out
    assert result.out.splitlines()[-1].startswith("-- ") and "godwit plan" in result.out
    assert dump(database) == before
    database.execute("SET search_path = public; " + result.out)
    assert "c" in database.columns("orders")


def test_tenants_are_refused_by_name(make_project, database):
    project = make_project(database.url)
    project.migration(1, "t", "CREATE TABLE t (id int);")
    project.config({"project": "t", "migrations": "migrations", "default": "x", "environments": {
        "x": {"url": database.url, "for_each": {"schemas": "tenant_%"}}}})
    result = project.godwit("plan", code=(1, 2))
    assert "tenants" in result.err or "for_each" in result.err


def test_a_role_is_known_where_the_target_knows_it(shop, database):
    role = database.role()
    shop.migration(2, "grant", f'ALTER TABLE orders ADD c int;\nGRANT SELECT ON orders TO "{role}";\nALTER TABLE orders ADD d int;')
    assert locks(statements(shop)[-1]) == {} and not rules(statements(shop)[1])
    shop.migration(2, "grant", "GRANT SELECT ON orders TO nobody_has_this_role;")
    refused = shop.godwit("plan", code=1)
    assert 'role "nobody_has_this_role" does not exist' in refused.err and "2_grant.up.sql:1:1" in refused.err


def test_a_tablespace_is_known_where_the_target_knows_it(shop, database, server):
    folder = system.make_folder("space")
    system.give_to_server_user(folder)
    database.execute(f"CREATE TABLESPACE \"fast 'é'\" LOCATION '{folder}'")
    try:
        shop.migration(2, "fast", "CREATE TABLE fast (id int) TABLESPACE \"fast 'é'\";")
        assert "TABLESPACE" in str(shop.godwit("plan", "--json", code=0).json["migrations"])
        shop.migration(2, "fast", "CREATE TABLE fast (id int) TABLESPACE nobody_has_this_space;")
        refused = shop.godwit("plan", code=1)
        assert 'tablespace "nobody_has_this_space" does not exist' in refused.err and "2_fast.up.sql:1:1" in refused.err
    finally:
        database.execute("DROP TABLESPACE \"fast 'é'\"")
        shutil.rmtree(folder, ignore_errors=True)


def test_a_batch_passes_the_gate(shop, server):
    """Its statement is one like any other: on a server that others use it is named, and not run."""
    shop.migration(2, "fill", "-- godwit: batch orders.id 10\n"
                              "UPDATE orders SET state = pg_create_physical_replication_slot('batch' || id)::text WHERE id BETWEEN $1 AND $2;\n")
    for words in (["plan"], ["diff", "--from", "migrations", "--to", "database"]):
        shop.godwit(*words, code=(0, 1, 3), env={"GODWIT_SHADOW_URL": server.url()})
    assert server.execute("SELECT slot_name FROM pg_replication_slots WHERE slot_name LIKE 'batch%'") == []
