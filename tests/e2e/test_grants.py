"""Roles and their rights as godwit.yaml declares them: made, compared, applied; what each may do
afterwards; what is refused, and that nothing has changed then."""
import json

import psycopg2
import pytest

S = 'a "schema" é'
Q = '"a ""schema"" é"'
OWNER, MIGRATOR, APP, READ = "o" * 63, 'the-"migrator"', 'app\'s "é"', "read only"
ROLES = (OWNER, MIGRATOR, APP, READ)
Q_MIGRATOR = '"the-""migrator"""'
Q_APP = '"app\'s ""é"""'

TABLES = f"""
CREATE SCHEMA {Q};
CREATE TABLE public.users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, "pass word" text);
CREATE TABLE public.audit (id serial PRIMARY KEY, line text);
CREATE TABLE {Q}."it's.one" (x int PRIMARY KEY);
CREATE TABLE {Q}.secrets (x int);
CREATE SEQUENCE {Q}.numbers;
CREATE VIEW {Q}.seen AS SELECT x FROM {Q}."it's.one";
CREATE TYPE {Q}.mood AS ENUM ('a');
CREATE FUNCTION public.twice(x int, {Q}.mood) RETURNS int LANGUAGE sql AS 'SELECT 2 * $1';
"""

DECLARED = {
    "schemas": ["public", S],
    "revoke_public": ["database", "schemas", "tables", "functions"],
    "roles": {
        OWNER: {"is": "owner"},
        MIGRATOR: {"is": "migrator", "lock_timeout": "2s", "connection_limit": 3},
        APP: {"is": "application", "connection_limit": 40, "statement_timeout": "5s", "lock_timeout": "1s",
              "idle_in_transaction_timeout": "1min",
              "tables": {f"{S}.secrets": [], "public.audit": ["select", "insert"],
                         "public.users": {"select": ["id", "name"], "update": ["pass word"]}}},
        READ: {"is": "read-only", "schemas": [S]},
    },
}


@pytest.fixture
def roles(server):
    """Dropped when the database is gone: this fixture has to come first. Who has granted something goes last."""
    makers = []
    yield makers
    for name in (*ROLES, *makers):
        server.drop_role(name)


def declare(project, database, grants=None, **more):
    project.config({"project": "test", "migrations": "migrations", "grants": grants or DECLARED,
                    "environments": {"test": {"url": database.url, **more}}})


def ask(project, *words, **options):
    return json.loads(project.godwit("--json", "grants", *words, **options).out)


def applied(project, *words):
    answer = ask(project, "--apply", "--yes", *words, code=0)
    assert answer["equal"] and answer["applied"]
    assert ask(project, "--check", *words, code=0) == {**answer, "sql": [], "notes": [], "applied": False}
    return answer["sql"]


def refused(database, role, statement):
    with pytest.raises((psycopg2.errors.InsufficientPrivilege, psycopg2.errors.ReadOnlySqlTransaction)):
        database.execute(statement, user=role)


def test_from_nothing_to_what_is_declared(roles, project, database, server):
    project.migration(1, "first", TABLES)
    project.godwit("up")
    declare(project, database)
    printed = project.godwit("grants", code=0).out
    assert f"CREATE ROLE {Q_APP} LOGIN CONNECTION LIMIT 40;" in printed and " PASSWORD '" not in printed
    assert "is made without a password" in printed
    assert ask(project, "--check", code=3)["equal"] is False
    assert server.execute("SELECT FROM pg_roles WHERE rolname = %s", [APP]) == []
    applied(project)

    work = [("SELECT count(*) FROM {q}.\"it's.one\"",), ("INSERT INTO {q}.\"it's.one\" VALUES (1)",), ("SELECT nextval('{q}.numbers')",),
            ("SELECT id, name FROM public.users",), ("UPDATE public.users SET \"pass word\" = 'x'",),
            ("INSERT INTO public.audit (line) VALUES ('x')",), ("SELECT public.twice(2, 'a')",), ("DELETE FROM {q}.seen",)]
    for statement, in work:
        database.execute(statement.format(q=Q), user=APP)
    for statement in ("SELECT * FROM public.users", "INSERT INTO public.users (name) VALUES ('x')", "DELETE FROM public.audit",
                      f"SELECT FROM {Q}.secrets", f"TRUNCATE {Q}.\"it's.one\"", "CREATE TABLE public.mine (x int)",
                      f"DROP TABLE {Q}.secrets", "CREATE SCHEMA mine", "CREATE TEMPORARY TABLE t (x int)", "SELECT * FROM godwit.migrations"):
        refused(database, APP, statement)
    database.execute(f"SELECT * FROM {Q}.secrets", user=READ)
    refused(database, READ, f"DELETE FROM {Q}.secrets")
    refused(database, READ, "SELECT * FROM public.audit")
    assert database.value("SHOW statement_timeout", user=APP) == "5s" and database.value("SHOW lock_timeout", user=APP) == "1s"
    assert database.value("SHOW idle_in_transaction_session_timeout", user=APP) == "1min"
    assert database.value("SHOW default_transaction_read_only", user=READ) == "on"
    assert server.execute("SELECT rolname, rolconnlimit, rolcanlogin FROM pg_roles WHERE rolname = ANY(%s) ORDER BY 2 DESC, 3",
                          [list(ROLES)]) == [(APP, 40, True), (MIGRATOR, 3, True), (OWNER, -1, False), (READ, -1, True)]
    nobody = database.role()
    with pytest.raises(psycopg2.OperationalError, match="CONNECT"):
        database.execute("SELECT 1", user=nobody)

    # The migrator works with the next file, Godwit's own tables included; what it makes the application may use.
    project.migration(2, "second", f"CREATE TABLE {Q}.later (id serial PRIMARY KEY); ALTER TABLE {Q}.secrets ADD y int;"
                                   "CREATE FUNCTION public.thrice(int) RETURNS int LANGUAGE sql AS 'SELECT 3 * $1'")
    declare(project, database, url=database.url_for(MIGRATOR))
    project.godwit("up", code=0)
    database.execute(f"INSERT INTO {Q}.later DEFAULT VALUES; SELECT public.thrice(1)", user=APP)
    database.execute(f"SELECT * FROM {Q}.later", user=READ)
    assert ask(project, "--check", code=0)["sql"] == []


def test_too_much_is_taken_away_and_a_password_is_left(roles, project, database, server):
    declare(project, database)
    project.migration(1, "first", TABLES)
    project.godwit("up")
    applied(project)
    secret = "not to be seen anywhere"
    server.execute(f"ALTER ROLE {Q_APP} SUPERUSER CREATEDB PASSWORD '{secret}'")
    kept = server.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [APP])
    database.execute(f"""GRANT "{OWNER}" TO {Q_APP};
        ALTER TABLE {Q}."it's.one" OWNER TO {Q_APP}; ALTER TYPE {Q}.mood OWNER TO {Q_APP};
        GRANT TRUNCATE ON public.audit TO {Q_APP}; GRANT SELECT ON {Q}.secrets TO {Q_APP} WITH GRANT OPTION;
        GRANT SELECT ON public.users TO {Q_APP}; GRANT INSERT (name) ON public.users TO {Q_APP};
        GRANT INSERT ON {Q}.numbers TO "read only"; GRANT CREATE ON SCHEMA {Q} TO PUBLIC;
        GRANT SELECT ON {Q}.secrets TO PUBLIC; GRANT UPDATE (name) ON public.users TO PUBLIC;
        GRANT SELECT ON {Q}."it's.one" TO "read only" WITH GRANT OPTION;
        ALTER DEFAULT PRIVILEGES FOR ROLE {Q_MIGRATOR} IN SCHEMA {Q} GRANT TRUNCATE ON TABLES TO {Q_APP};
        ALTER ROLE {Q_APP} IN DATABASE "{database.name}" SET statement_timeout = 0""".replace("GRANT INSERT ON", "GRANT UPDATE ON"))
    answer = project.godwit("grants", "--apply", "--yes", code=0)
    assert secret not in answer.out + answer.err
    assert ask(project, "--check", code=0)["sql"] == []
    assert server.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [APP]) == kept
    refused(database, APP, "SELECT * FROM public.users")
    database.execute("SELECT id, name FROM public.users", user=APP)
    refused(database, APP, f"SELECT * FROM {Q}.secrets")
    refused(database, APP, f"DROP TABLE {Q}.\"it's.one\"")
    assert database.query("SELECT outcome FROM godwit.events WHERE action = 'grants'") == [("ok",), ("ok",)]


def test_who_may_not_make_roles_changes_nothing(roles, project, database, server):
    helper = database.role('GRANT CREATE, TEMPORARY ON DATABASE {database} TO {role}', "GRANT ALL ON SCHEMA public TO {role}")
    declare(project, database, url=database.url_for(helper))
    assert ask(project, code=0)["sql"]
    said = project.godwit("grants", "--apply", "--yes", code=1)
    assert f"the role {helper} may not make or change roles" in said.err and "CREATEROLE" in said.err
    assert server.execute("SELECT FROM pg_roles WHERE rolname = ANY(%s)", [list(ROLES)]) == []
    assert database.value("SELECT outcome FROM godwit.events WHERE action = 'grants'") == "failed"
    database.execute("DROP SCHEMA godwit CASCADE")
    group = database.role('GRANT CREATE, TEMPORARY ON DATABASE {database} TO {role}', options="NOLOGIN")
    database.execute(f'GRANT "{group}" TO "{helper}"; ALTER ROLE "{helper}" SET role = "{group}"')
    assert f"the role {group} may not make or change roles" in project.godwit("grants", "--apply", "--yes", code=1).err
    database.execute("DROP SCHEMA godwit CASCADE")


def test_a_role_with_createrole_that_owns_the_database(roles, project, make_database, server):
    database = make_database()
    admin = server.create_role("LOGIN CREATEROLE")
    roles.append(admin)
    database.execute(f'ALTER DATABASE "{database.name}" OWNER TO {admin}; ALTER SCHEMA public OWNER TO {admin}')
    declare(project, database, url=database.url_for(admin))
    project.migration(1, "first", TABLES)
    project.godwit("up", code=0)
    applied(project)
    database.execute("INSERT INTO public.audit (line) VALUES ('x')", user=APP)
    assert database.value("SELECT outcome FROM godwit.events WHERE action = 'grants'") == "ok"
    # Schema godwit is the owner's now. Who only makes roles can go on without it.
    database.execute(f"REVOKE DELETE ON {Q}.seen FROM {Q_APP}")
    said = project.godwit("grants", "--apply", "--yes", code=0)
    assert "no run lock is taken" in said.err
    assert not server.execute("SELECT FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member JOIN pg_roles o ON o.oid = m.roleid"
                              f" WHERE r.rolname = '{admin}' AND o.rolname = '{OWNER}' AND NOT m.admin_option")


def test_what_has_no_effect_is_no_success(roles, project, database, server):
    """GRANT on somebody else's table is a mere warning of the server."""
    database.execute("CREATE TABLE public.theirs (x int)")
    maker = database.role('GRANT CREATE ON DATABASE {database} TO {role}', options="LOGIN CREATEROLE")
    grants = {"roles": {APP: {"is": "application"}}}
    declare(project, database, grants, url=database.url_for(maker))
    said = project.godwit("grants", "--apply", "--yes", code=1)
    assert "nothing was changed" in said.err
    assert server.execute("SELECT FROM pg_roles WHERE rolname = %s", [APP]) == []
    database.execute("DROP SCHEMA godwit CASCADE")


def test_the_administrator_is_no_role_of_grants(roles, project, database):
    declare(project, database, {"roles": {"postgres": {"is": "application"}}})
    assert "administers the server" in project.godwit("grants", "--apply", "--yes", code=5).err
    assert database.value("SELECT rolsuper FROM pg_roles WHERE rolname = 'postgres'")


def test_it_asks_and_a_protected_environment_has_to_be_named(roles, project, database, server):
    declare(project, database, protected=True)
    assert "--protected test" in project.godwit("grants", "--apply", "--yes", code=5).err
    assert "--yes" in project.godwit("--protected", "test", "grants", "--apply", code=5).err
    assert server.execute("SELECT FROM pg_roles WHERE rolname = %s", [APP]) == []
    notes = ask(project, code=0)["notes"]
    assert f"there is no schema {Q} yet" in notes and any("public.audit" in n for n in notes)


def test_everything_wrong_with_a_declaration_is_said_at_once(project, database):
    declare(project, database, {"revoke_public": ["views"], "roles": {
        "a": {"is": "boss"}, "pg_b": {"is": "owner"}, "c": {"login": "perhaps"},
        "d": {"is": "application", "statement_timeout": "soon", "tables": {"users": ["select"], "public.x": ["drop"]}},
        "e": {"is": "owner", "tables": {"public.y": {"delete": ["a"]}}}}})
    said = project.godwit("grants", code=2).err
    for part in ('not "views"', 'not "boss"', '"pg_b" is PostgreSQL', '"c" needs "is"', '"soon"', '"users" has to be a table',
                 'not "drop"', 'not "delete"', "more than one owner"):
        assert part in said, part
    declare(project, database, {"roles": {}})
    assert "has no roles" in project.godwit("grants", code=2).err
    project.config({"project": "test", "migrations": "migrations", "environments": {"test": {"url": database.url}}})
    assert "declares no roles" in project.godwit("grants", code=2).err
