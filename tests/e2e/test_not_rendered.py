"""What no statement renders is compared where it can be, and named where it cannot: secrets, and what stands on objects of extensions."""
import pytest

SECRET = "hunter2'\"$"
FOREIGN = """
CREATE EXTENSION file_fdw;
CREATE FOREIGN DATA WRAPPER w OPTIONS (passwd '{secret}', plain 'wrapper');
CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (host 'h', password '{secret}', dsn 'user=u pwd={secret}', url 'https://u:{secret}@h/x');
CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS ("user" 'u', password '{secret}');
CREATE FOREIGN TABLE "T é" ("c d" int OPTIONS (api_key '{secret}', plain 'column')) SERVER s OPTIONS (secret_word '{secret}', plain 'table');
"""
NAMED = ['option passwd of foreign data wrapper w', 'option password of server s', 'option dsn of server s',
         'option url of server s', 'option password of the user mapping for public on server s',
         'option secret_word of foreign table public."T é"', 'option api_key of column public."T é"."c d"']


def foreign(secret):
    return FOREIGN.format(secret=secret.replace("'", "''"))


@pytest.mark.slow
def test_secrets_are_named_and_never_printed(project, database, make_database):
    database.execute(foreign(SECRET))
    empty = make_database()
    for words in (["dump"], ["dump", "--json"], ["diff", "--from", empty.url, "--to", "database"],
                  ["diff", "--from", "database", "--to", empty.url, "--json"]):
        result = project.godwit(*words, code=(0, 3))
        everything = result.out + result.err
        assert "hunter2" not in everything
        for option in NAMED:
            assert f"{option} (a secret)" in everything.replace('\\"', '"'), (words, option)
    assert "plain 'table'" in project.godwit("dump", code=0).out


def test_secrets_are_compared_without_being_printed(project, database, make_database):
    database.execute(foreign(SECRET))
    other = make_database()
    other.execute(foreign(SECRET))
    assert project.godwit("diff", "--from", "database", "--to", other.url, code=0).out == ""
    project.write("schema.sql", foreign(SECRET))
    project.godwit("diff", "--from", "database", "--to", "schema.sql", code=0)
    other.execute("ALTER SERVER s OPTIONS (SET password 'another'); ALTER FOREIGN TABLE \"T é\" OPTIONS (SET secret_word 'another')")
    result = project.godwit("diff", "--from", "database", "--to", other.url, code=3)
    assert result.out == "" and "another" not in result.err and "hunter2" not in result.err
    assert "option password of server s (a secret)" in result.err
    assert 'option secret_word of foreign table public."T é" (a secret)' in result.err
    assert "user mapping" not in result.err, "that one is the same"


SUBSCRIPTION = "CREATE SUBSCRIPTION \"s ü\" CONNECTION 'host=nowhere password={secret}' PUBLICATION p, \"q 1\" WITH (connect = false, slot_name = NONE{more})"
OPTIONS = [("binary = true", 14), ("streaming = on", 14), ("disable_on_error = true", 15), ("password_required = false", 16),
           ("run_as_owner = true", 16), ("origin = none", 16), ("synchronous_commit = remote_apply", 12)]


def drop_subscriptions(*databases):
    for each in databases:
        each.execute('DROP SUBSCRIPTION IF EXISTS "s ü"')


@pytest.mark.slow
def test_every_option_of_a_subscription_is_read_compared_and_altered(project, database, make_database):
    other = make_database()
    version = int(database.value("SHOW server_version_num")) // 10000
    known = [text for text, since in OPTIONS if version >= since]
    database.execute(SUBSCRIPTION.format(secret="one", more=""))
    other.execute(SUBSCRIPTION.format(secret="one", more="".join(", " + text for text in known)))
    try:
        result = project.godwit("diff", "--from", "database", "--to", other.url, code=3)
        assert "password=one" not in result.out + result.err
        for text in known:
            assert f"({text})" in result.out or f"({text.split()[0]} = '{text.split()[2]}')" in result.out, text
        assert "DROP SUBSCRIPTION" not in result.out
        database.execute(result.out)
        project.godwit("diff", "--from", "database", "--to", other.url, code=0)
        back = project.godwit("diff", "--from", "database", "--to", make_database().url, code=3).out
        assert "DROP SUBSCRIPTION" in back
        database.execute("ALTER SUBSCRIPTION \"s ü\" CONNECTION 'host=nowhere password=two'")
        result = project.godwit("diff", "--from", "database", "--to", other.url, code=3)
        assert result.out == "" and "its connection string (a secret)" in result.err
    finally:
        drop_subscriptions(database, other)


def test_an_ordinary_role_is_told_what_it_may_not_read_of_subscriptions(project, database):
    role = database.role()
    database.execute(SUBSCRIPTION.format(secret="one", more=", synchronous_commit = remote_apply"))
    version = int(database.value("SHOW server_version_num")) // 10000
    try:
        result = project.godwit("--url", database.url_for(role), "dump", code=0)
        assert "its connection string (a secret that this role may not read)" in result.err
        assert ("synchronous_commit = remote_apply" in result.out) == (version >= 15)
        assert ("synchronous_commit (not to be read" in result.err) == (version < 15)
    finally:
        drop_subscriptions(database)


WITH_TABLE = ("CREATE EXTENSION citext; CREATE TABLE \"ext t\" (id int PRIMARY KEY, v int); COMMENT ON TABLE \"ext t\" IS 'own';"
              "ALTER EXTENSION citext ADD TABLE \"ext t\";")
ON_IT = ["CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; "
         "CREATE TRIGGER \"tr 1\" BEFORE INSERT ON \"ext t\" FOR EACH ROW EXECUTE FUNCTION f()",
         "CREATE POLICY \"pö\" ON \"ext t\" USING (id > 1)",
         "ALTER TABLE \"ext t\" ENABLE ROW LEVEL SECURITY",
         "CREATE INDEX extra_index ON \"ext t\" (id)",
         "ALTER TABLE \"ext t\" ADD extra text DEFAULT 'x'",
         "ALTER TABLE \"ext t\" ADD CONSTRAINT positive CHECK (id > 0)",
         "COMMENT ON COLUMN \"ext t\".id IS 'mine'",
         "CREATE RULE ru AS ON DELETE TO \"ext t\" DO INSTEAD NOTHING"]
SAYS = ['trigger "tr 1" on', 'policy "pö" on', 'settings of', 'index public.extra_index on', '.extra', 'constraint positive on',
        'comment on column id of table', 'rule ru on']


@pytest.fixture
def extended(project, database):
    project.migration(1, "base", WITH_TABLE)
    project.godwit("up", code=0)
    assert "not in the dump" not in project.godwit("dump", code=0).err
    project.godwit("diff", "--from", "migrations", "--to", "database", code=0)
    return project


@pytest.mark.many
@pytest.mark.parametrize("number", range(len(ON_IT)))
def test_what_users_put_on_tables_of_extensions_is_named(extended, database, number):
    database.execute(ON_IT[number])
    dump = extended.godwit("dump", code=0)
    assert any("not in the dump" in line and SAYS[number] in line and ", of extension citext" in line
               for line in dump.err.splitlines()), dump.err
    result = extended.godwit("diff", "--from", "migrations", "--to", "database", code=3)
    assert any("the second schema holds" in line and SAYS[number] in line for line in result.err.splitlines()), result.err
    extended.godwit("verify", code=3)


def test_it_is_equal_where_both_have_it(extended, database):
    extended.migration(2, "more", ";".join(ON_IT))
    extended.godwit("up", code=0)
    extended.godwit("diff", "--from", "migrations", "--to", "database", code=0)
    extended.godwit("verify", code=0)
    database.execute("ALTER TABLE \"ext t\" DISABLE TRIGGER \"tr 1\"")
    result = extended.godwit("diff", "--from", "migrations", "--to", "database", code=3)
    assert 'trigger "tr 1" on' in result.err and "policy" not in result.err


def test_statistics_on_them_are_rendered(extended, database):
    database.execute('CREATE STATISTICS st ON id, v FROM "ext t"')
    assert "CREATE STATISTICS public.st" in extended.godwit("diff", "--from", "migrations", "--to", "database", code=3).out
