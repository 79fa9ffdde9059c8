"""diff: a plan between any two schemas, proven before it is printed."""
import pytest

AWKWARD = 'we "quoted" Tàble'
SQL_AWKWARD = '"we ""quoted"" Tàble"'


@pytest.fixture
def shop(project):
    project.migration(1, "base", "CREATE TABLE a (id int PRIMARY KEY, n text);"
                                 "CREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a);")
    return project


def diff(project, x, y, *words, **options):
    return project.godwit("diff", "--from", x, "--to", y, *words, **options)


def test_equal_schemas_print_nothing_and_end_with_0(shop):
    shop.write("schema.sql", "CREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a);"
                             "CREATE TABLE a (id int PRIMARY KEY, n text);")
    result = diff(shop, "migrations", "schema.sql", code=0)
    assert result.out == ""
    assert "no difference" in result.err


@pytest.mark.slow
def test_the_plan_does_what_it_says(shop, database, make_database):
    shop.godwit("up", code=0)
    shop.write("schema/b/b.sql", "CREATE TABLE b (id bigint PRIMARY KEY, a_id int REFERENCES a, extra text);"
                                 "CREATE INDEX ON b (a_id);")
    shop.write("schema/a.sql", f"CREATE VIEW v AS SELECT * FROM {SQL_AWKWARD};"
                               f"CREATE TABLE {SQL_AWKWARD} (id int REFERENCES b);"
                               "CREATE TABLE a (id int PRIMARY KEY, n varchar(20) NOT NULL);")
    plan = diff(shop, "database", "schema", code=3)
    assert "-- Proven on a shadow database" in plan.out
    database.execute("SET search_path = pg_catalog; " + plan.out)
    assert diff(shop, "database", "schema", code=0).out == ""
    assert diff(shop, "migrations", "database", code=3).out != ""


def test_two_urls(project, database, make_database):
    other = make_database()
    other.execute("CREATE TABLE only_here (id int); COMMENT ON TABLE only_here IS 'it''s'")
    plan = diff(project, database.url, other.url, code=3)
    assert "CREATE TABLE public.only_here" in plan.out
    assert "@" not in plan.out, "an address may hold a password"
    back = diff(project, other.url, database.url, code=3)
    assert "DROP TABLE public.only_here" in back.out
    assert "data may be lost" in back.err


@pytest.mark.pg(13)  # what is before does not let its catalog be written
def test_what_the_server_keeps_for_itself_in_a_column_s_options_is_none(shop, database):
    """Minor releases of November 2026 number the columns there; older ones take what is written."""
    shop.godwit("up", code=0)
    database.execute("ALTER TABLE a ALTER n SET (n_distinct = 5)")
    database.execute("SET allow_system_table_mods = on; UPDATE pg_attribute SET attoptions ="
                     " coalesce(attoptions, '{}') || array['pg_attver=26595616'] WHERE attrelid IN ('a'::regclass, 'b'::regclass)"
                     " AND attnum > 0 AND NOT coalesce(attoptions::text, '') LIKE '%pg_attver%'")
    plan = diff(shop, "migrations", "database", code=3)
    assert "n_distinct" in plan.out and "pg_attver" not in plan.out
    assert diff(shop, "database", database.url, code=0).out == ""


def test_json(shop):
    shop.write("schema.sql", "CREATE TABLE a (id int PRIMARY KEY, n text);")
    document = diff(shop, "migrations", "schema.sql", "--json", code=3).json
    assert document["equal"] is False and document["proven"] is True
    assert {"kind": "table", "object": "public.b", "action": "drop", "loses_data": True} in document["changes"]
    assert document["sql"] == ["DROP TABLE public.b"]
    assert len(document["fingerprint"]) == 64


def test_objects_land_where_the_role_s_settings_put_them(project, database):
    database.execute("CREATE SCHEMA app")
    database.execute(f'ALTER DATABASE "{database.name}" SET search_path = app, public')
    project.migration(1, "one", "CREATE SCHEMA IF NOT EXISTS app; CREATE TABLE t (id int);")
    project.godwit("up", code=0)
    assert diff(project, "migrations", "database", code=0).out == ""


def test_what_another_tool_keeps_is_not_part_of_it(shop, database):
    shop.godwit("up", code=0)
    database.execute("CREATE TABLE schema_migrations (version bigint PRIMARY KEY)")
    result = diff(shop, "migrations", "database", code=0)
    assert "schema_migrations" in result.err
    database.execute("CREATE TABLE other_migrations (version bigint PRIMARY KEY)")
    assert "other_migrations" in diff(shop, "migrations", "database", code=3).out


def test_errors_of_files_have_their_places(project):
    project.write("schema/a.sql", "CREATE TABLE a (\n  id int,\n  b no_such_type\n);\n")
    project.write("schema/b.sql", "-- fine\nCREATE TABLE c (id int REFERENCES missing);\nCREATE TABLE d (id int);")
    result = diff(project, "database", "schema", code=1)
    assert "schema/a.sql:3:5" in result.err and "no_such_type" in result.err
    assert "schema/b.sql:2" in result.err and "missing" in result.err


def test_settings_hold_for_the_rest_of_their_file_only(project, database):
    project.write("schema/1.sql", "CREATE SCHEMA app; SET search_path = app; CREATE VIEW v AS SELECT * FROM t;")
    project.write("schema/2.sql", "CREATE TABLE t2 (id int);")
    project.write("schema/3.sql", "BEGIN; SET LOCAL search_path TO app; CREATE TABLE t (id int); COMMIT;")
    plan = diff(project, "database", "schema", code=3).out
    assert "CREATE TABLE app.t " in plan and "app.v" in plan and "CREATE TABLE public.t2 " in plan


def test_rows_in_a_declared_schema_are_said_to_be_left_out(project):
    project.write("schema.sql", "CREATE TABLE t (id int);\nINSERT INTO t VALUES (1);\nCOPY t FROM stdin;\n2\n\\.\n")
    result = diff(project, "database", "schema.sql", code=3)
    assert "schema.sql:2:1: INSERT is left out" in result.err
    assert "schema.sql:3:1: COPY" in result.err
    assert result.out.count("CREATE TABLE") == 1


def test_the_project_is_left_out_of_its_own_comparison(shop, database):
    shop.godwit("up", code=0)
    plan = diff(shop, "database", "migrations", code=0)
    assert "godwit" not in plan.out


def test_a_plan_with_more_than_one_transaction_is_a_file_that_says_so(project, database):
    database.execute("CREATE TABLE t (id int, k int)")
    project.write("schema.sql", "CREATE TABLE t (id int, k int); CREATE INDEX t_k ON t (k);")
    plan = diff(project, "database", "schema.sql", "--concurrently", code=3).out
    assert plan.startswith("-- godwit: no-transaction\n")
    assert "CREATE INDEX CONCURRENTLY" in plan
    project.write("migrations/7_index.up.sql", plan)
    project.godwit("up", code=0)
    assert diff(project, "database", "schema.sql", code=0).out == ""


def test_each_way_to_leave_a_table_in_use(project, database):
    """The CHECK beside a NOT NULL has a name of 63 bytes at most, cut at a whole character; from 18 on there is none."""
    wide, named = "ü" * 31, database.server.major >= 18
    database.execute(f'CREATE TABLE p (id int); CREATE TABLE t (id int, k int, p_id int, m int, "{wide}" int);'
                     "CREATE UNIQUE INDEX p_id ON p (id); CREATE INDEX t_old ON t (k)")
    constraint = "CONSTRAINT m_is_there " if named else ""
    project.write("schema.sql", "CREATE TABLE p (id int); CREATE UNIQUE INDEX p_id ON p (id);"
                  "CREATE TABLE t (id int CONSTRAINT t_id_not_null NOT NULL CONSTRAINT t_key PRIMARY KEY, k int CONSTRAINT t_k UNIQUE,"
                  " p_id int CONSTRAINT t_p REFERENCES p (id),"
                  f' m int {constraint}NOT NULL CONSTRAINT t_m CHECK (m > 0), "{wide}" int NOT NULL);'
                  "CREATE INDEX t_new ON t (p_id);")
    plan = diff(project, "database", "schema.sql", "--concurrently", code=3).out
    table = "ALTER TABLE public.t"
    for sql in ["CREATE INDEX CONCURRENTLY t_new", "DROP INDEX CONCURRENTLY public.t_old", "CREATE UNIQUE INDEX CONCURRENTLY t_key",
                f"{table} ADD CONSTRAINT t_key PRIMARY KEY USING INDEX t_key", f"{table} ADD CONSTRAINT t_k UNIQUE USING INDEX t_k",
                f"{table} ADD CONSTRAINT t_p FOREIGN KEY (p_id) REFERENCES public.p(id) NOT VALID", f"{table} VALIDATE CONSTRAINT t_p",
                f"{table} ADD CONSTRAINT t_m CHECK ((m > 0)) NOT VALID", f"{table} VALIDATE CONSTRAINT t_m",
                *([f"{table} ADD CONSTRAINT m_is_there NOT NULL m NOT VALID", f"{table} VALIDATE CONSTRAINT m_is_there"] if named else
                  [f"{table} ADD CONSTRAINT m_not_null_check CHECK (m IS NOT NULL) NOT VALID", f"{table} ALTER COLUMN m SET NOT NULL",
                   f'{table} VALIDATE CONSTRAINT "{"ü" * 24}_not_null_check"', f"{table} DROP CONSTRAINT m_not_null_check"])]:
        assert sql in plan
    project.write("migrations/7_all.up.sql", plan)
    project.godwit("up", code=0)
    assert diff(project, "database", "schema.sql", code=0).out == ""


@pytest.mark.parametrize("words", [["--from", "migrations"], ["--to", "database"], []])
def test_both_sides_are_needed(project, words):
    assert "--from and --to" in project.godwit("diff", *words, code=2).err


def test_what_is_no_schema(project):
    assert "is no schema" in diff(project, "nowhere.sql", "database", code=2).err


def test_roles_that_files_name_need_not_be_anywhere(project, database):
    project.write("schema.sql", "CREATE TABLE t (id int); GRANT SELECT ON t TO \"no such Rôle\";")
    plan = diff(project, "database", "schema.sql", code=3).out
    assert 'GRANT SELECT ON TABLE public.t TO "no such Rôle"' in plan
