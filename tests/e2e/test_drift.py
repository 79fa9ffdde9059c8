"""verify: what was changed in the database by hand."""
import pytest


def test_a_database_that_is_what_its_files_make(project):
    project.migration(1, "one", "CREATE TABLE a (id int PRIMARY KEY, n text);")
    project.migration(2, "two", "-- godwit: no-transaction\nCREATE INDEX CONCURRENTLY a_n ON a (n);")
    project.godwit("up", code=0)
    result = project.godwit("verify", code=0)
    assert "what the applied migrations make" in result.out
    assert project.godwit("verify", "--json", code=0).json["drift"]["equal"] is True


def test_what_was_changed_by_hand_is_shown_either_way(project, database):
    project.migration(1, "one", "CREATE TABLE a (id int PRIMARY KEY, n text);")
    project.godwit("up", code=0)
    database.execute('ALTER TABLE a ADD COLUMN "by hand" int; DROP TABLE IF EXISTS b')
    result = project.godwit("verify", code=3)
    assert 'DROP COLUMN "by hand"' in result.out and 'ADD COLUMN "by hand"' in result.out
    drift = project.godwit("verify", "--json", code=3).json["drift"]
    assert drift["compared"] is True and drift["equal"] is False
    assert drift["changes"] == [{"kind": "column", "object": 'public.a."by hand"', "action": "drop",
                                 "loses_data": True}]
    assert drift["database_to_migrations"] == ['ALTER TABLE public.a DROP COLUMN "by hand"']
    assert drift["migrations_to_database"] == ['ALTER TABLE public.a ADD COLUMN "by hand" integer']
    assert project.godwit("verify", "--no-drift", code=0).out.count("ALTER") == 0


@pytest.mark.slow
def test_an_owner_of_schema_public_whom_an_administrator_chose_is_no_drift(project, database):
    owner = database.role()
    database.execute(f'ALTER SCHEMA public OWNER TO "{owner}"')
    project.migration(1, "one", "CREATE TABLE a (id int); GRANT USAGE ON SCHEMA public TO pg_monitor;")
    project.godwit("up", code=0)
    project.godwit("verify", code=0)
    project.write("declared.sql", "CREATE TABLE a (id int); GRANT USAGE ON SCHEMA public TO pg_monitor;")
    project.godwit("diff", "--from", "declared.sql", "--to", "database", "--no-owner", code=0)
    project.write("dumped.sql", project.godwit("dump", code=0).out)
    project.godwit("diff", "--from", "dumped.sql", "--to", "database", code=0)
    database.execute(f'GRANT CREATE ON SCHEMA public TO pg_monitor; REVOKE USAGE ON SCHEMA public FROM "{owner}"')
    found = project.godwit("verify", code=3)
    assert "CREATE ON SCHEMA public TO pg_monitor" in found.out and f"USAGE ON SCHEMA public TO {owner}" in found.out, found


def test_pending_files_are_no_drift(project):
    project.migration(1, "one", "CREATE TABLE a (id int);")
    project.godwit("up", code=0)
    project.migration(2, "two", "CREATE TABLE b (id int);")
    assert project.godwit("verify", "--json", code=0).json["drift"]["equal"] is True


def test_variables_environments_and_repeatables_are_replayed(project, database):
    project.migration(1, "one", "-- godwit: env\nCREATE TABLE ${NAME} (id int);")
    project.migration(2, "dev", "-- godwit: only=other\nCREATE TABLE not_here (id int);")
    project.write("migrations/5_view.sql", "-- godwit: repeatable\nCREATE OR REPLACE VIEW v AS SELECT 1 AS one;")
    project.migration(3, "seeds", "INSERT INTO filled VALUES (7);")
    project.migration(4, "batch", "-- godwit: batch filled.id 10\n"
                                  "DELETE FROM filled WHERE id < 0 AND id BETWEEN $1 AND $2;")
    environment = {"NAME": "filled"}
    project.godwit("up", code=0, env=environment)
    assert project.godwit("verify", "--json", code=0, env=environment).json["drift"]["equal"] is True
    assert set(database.tables()) >= {"filled"} and "not_here" not in database.tables()


def test_services(project, database):
    project.config({"project": "p", "migrations": [{"service": "a", "path": "a"}, {"service": "b", "path": "b"}],
                    "environments": {"test": {"url": database.url}}})
    project.write("a/1_a.up.sql", "CREATE TABLE a (id int PRIMARY KEY);")
    project.write("b/2_b.up.sql", "CREATE TABLE b (id int REFERENCES a);")
    project.godwit("up", code=0)
    assert project.godwit("verify", "--json", code=0).json["drift"]["equal"] is True


def test_another_project_in_the_same_database_is_no_drift(project, make_project, database):
    other = make_project(database.url)
    for each, service in ((project, "a"), (other, "b")):
        each.config({"project": service, "migrations": [{"service": service, "path": "migrations"}],
                     "environments": {"test": {"url": database.url}}})
        each.migration(1, "one", f"CREATE TABLE {service} (id int PRIMARY KEY);")
        each.godwit("up", code=0)
    assert "another project's migrations" in project.godwit("verify", code=0).err


def test_a_shadow_that_cannot_be_made_hides_nothing_of_the_files(project):
    project.migration(1, "one", "CREATE TABLE a (id int);")
    project.godwit("up", code=0)
    result = project.godwit("verify", code=2, env={"GODWIT_PG_BINDIR": str(project.path)})
    assert "all as recorded" in result.out and "there is no PostgreSQL in" in result.err


def test_a_missing_file_cannot_be_replayed(project):
    path = project.migration(1, "one", "CREATE TABLE a (id int);")
    project.migration(2, "two", "CREATE TABLE b (id int);")
    project.godwit("up", code=0)
    path.unlink()
    result = project.godwit("verify", code=3)
    assert "drift was not looked for" in result.err


def test_files_that_break_on_a_shadow_have_their_place(project, database):
    project.migration(1, "one", "CREATE TABLE a (id int);")
    project.godwit("up", code=0)
    project.migration(1, "one", "CREATE TABLE a (\n  id no_such_type);")
    assert "1_one.up.sql:2:6" in project.godwit("verify", code=3).err


def test_files_that_several_roles_ran(project, database):
    project.migration(1, "one", "CREATE TABLE a (id int);")
    project.godwit("up", code=0)
    deployer = database.role("GRANT ALL ON SCHEMA public TO {role}", "GRANT USAGE ON SCHEMA godwit TO {role}",
                             "GRANT ALL ON ALL TABLES IN SCHEMA godwit TO {role}")
    project.migration(2, "two", "CREATE TABLE b (id int);")
    project.godwit("up", code=0, url=database.url_for(deployer))
    three = project.migration(3, "three", "CREATE TABLE c (id int);")
    project.godwit("up", code=0)
    # Under other versions they are still theirs.
    three.rename(project / "migrations/4_three.up.sql")
    (project / "migrations/2_two.up.sql").rename(project / "migrations/3_two.up.sql")
    project.godwit("repair", code=0)
    drift = project.godwit("verify", "--json").json["drift"]
    assert [c["object"] for c in drift["changes"] if c["kind"] == "table"] == []


def test_names_without_a_schema_are_where_the_role_that_ran_the_files_has_them(project, database):
    deployer = database.role("CREATE SCHEMA app AUTHORIZATION {role}", "GRANT CREATE ON DATABASE {database} TO {role}",
                             "ALTER ROLE {role} IN DATABASE {database} SET search_path = app, public")
    reader = database.role("ALTER ROLE {role} IN DATABASE {database} SET search_path = other")
    project.migration(1, "one", "CREATE SCHEMA IF NOT EXISTS app;\nCREATE TABLE a (id int);")
    project.godwit("up", code=0, url=database.url_for(deployer))
    database.execute(f'GRANT USAGE ON SCHEMA godwit TO "{reader}"; GRANT SELECT ON ALL TABLES IN SCHEMA godwit TO "{reader}"')
    for url in (database.url, database.url_for(reader)):
        drift = project.godwit("verify", "--json", url=url).json["drift"]
        assert [c["object"] for c in drift["changes"] if c["kind"] == "table"] == [], url


def tables_of(drift):
    return [c["object"] for c in drift["changes"] if c["kind"] == "table"]


def test_each_file_is_replayed_with_the_settings_of_the_login_that_ran_it(project, database):
    """Two logins, two search_paths; and what is not recorded is said."""
    logins = [database.role("GRANT CREATE ON DATABASE {database} TO {role}", "GRANT CREATE ON SCHEMA public TO {role}",
                            "ALTER ROLE {role} IN DATABASE {database} SET search_path = %s, public" % schema)
              for schema in ("one", "two")]
    project.migration(1, "schemas", "CREATE SCHEMA one;\nCREATE SCHEMA two;")
    project.godwit("up", code=0)
    database.execute("".join(f'GRANT ALL ON SCHEMA one, two, godwit TO "{login}"; GRANT ALL ON ALL TABLES IN SCHEMA godwit TO "{login}";'
                             for login in logins))
    for version, login in enumerate(logins, 2):
        project.migration(version, f"t{version}", f"CREATE TABLE t{version} (id int);")
        project.godwit("up", code=0, url=database.url_for(login))
    seen = project.godwit("verify", "--json").json
    assert tables_of(seen["drift"]) == [] and database.tables("one") + database.tables("two") == ["t2", "t3"], seen
    # A path that only the URL of a run had stands nowhere.
    project.migration(4, "t4", "CREATE TABLE t4 (id int);")
    project.godwit("up", code=0, url=database.url + "&options=-csearch_path%3Done")
    seen = project.godwit("verify", code=3)
    said = seen.out + seen.err
    assert "table t4 is in schema one, and the files make it in public" in said and "options= of its URL" in said


def test_a_schema_that_no_migration_makes_is_named(project, database):
    database.execute("CREATE SCHEMA app")
    project.migration(2, "set", "SET search_path = app;\nCREATE TABLE a (id int);")
    project.godwit("up", code=0)
    failed = project.godwit("verify", code=1)
    assert "2_set.up.sql:2:1" in failed.err and "schema app is in the database, and no migration" in failed.err
    assert "CREATE SCHEMA IF NOT EXISTS app" in failed.err and "--out-of-order" in failed.err
    project.migration(1, "schema", "CREATE SCHEMA IF NOT EXISTS app;")
    project.godwit("up", "--out-of-order", code=0)
    assert tables_of(project.godwit("verify", "--json").json["drift"]) == []
    # On the search_path of the login, where the files fall back to public on the shadow.
    database.execute("CREATE SCHEMA beside")
    login = database.role("ALTER ROLE {role} SUPERUSER", "ALTER ROLE {role} IN DATABASE {database} SET search_path = beside, public")
    project.migration(3, "b", "CREATE TABLE b (id int);")
    project.godwit("up", code=0, url=database.url_for(login))
    said = project.godwit("verify", code=3)
    assert "table b is in schema beside, and the files make it in public: no migration makes schema beside" in said.out + said.err
