"""What is dumped of a database and loaded into an empty one is the same schema; and every catalog of
PostgreSQL is either read by a kind or has a reason not to be."""
import shutil

import pytest
from psycopg2 import errors

from harness.examples import KEMBRIDGE, SITA_MINTER
from harness.program import ROOT
from harness.schemas import apply, brief, load, shared, text

EXAMPLES = sorted(p.parent.name for p in (ROOT / "examples").glob("*/migrations"))


def round_trip(plan_tool, make_database, x):
    y = make_database()
    plan = plan_tool.dump(x)
    problem = apply(y, plan)
    assert not problem, f"the dump does not load: {problem}"
    rest = plan_tool.diff(y, x)
    assert not rest["changes"] and not rest["sql"], f"{brief(rest)}\n-- dump\n{text(plan)}"
    assert plan_tool.dump(y)["sql"] == plan["sql"]
    assert plan_tool.read(y)["fingerprint"] == plan_tool.read(x)["fingerprint"]
    return plan


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name, plan_tool, server, make_database, project, database):
    for example in (KEMBRIDGE, SITA_MINTER):
        example.prepare(server)
    for extension in KEMBRIDGE.extensions if name == "kembridge" else ():
        database.execute(f'CREATE EXTENSION IF NOT EXISTS "{extension}"')
    shutil.copytree(ROOT / "examples" / name / "migrations", project.path / "migrations", dirs_exist_ok=True)
    project.godwit("up", code=0)
    assert round_trip(plan_tool, make_database, database)["sql"]


def test_chinook(plan_tool, make_database):
    path = shared("chinook", "Chinook_PostgreSql.sql")
    if not path:
        pytest.skip("needs ../shared/data/chinook beside the repository")
    x = make_database()
    lines = path.read_text(encoding="utf-8").split("\n")
    statements = "\n".join(l for l in lines if not l.startswith(("\\c", "CREATE DATABASE", "DROP DATABASE")))
    problem = load(x, statements)
    assert not problem, problem
    assert len(x.tables()) == 11
    round_trip(plan_tool, make_database, x)


def extensions(server):
    return [r[0] for r in server.execute(
        "SELECT name FROM pg_available_extensions WHERE name <> 'plpgsql' ORDER BY 1")]


def test_every_extension(plan_tool, server, make_database):
    """Members are left to their extension: one line, whatever the extension holds. As many as go together stand in
    one database; what is in the way of another's names comes into the next."""
    left, tried = extensions(server), 0
    while left:
        x, later, here = make_database(), [], 0
        for name in left:
            try:
                x.execute(f'CREATE EXTENSION IF NOT EXISTS "{name}" CASCADE')
                here += 1
            except (errors.DuplicateObject, errors.DuplicateFunction, errors.DuplicateTable):
                later.append(name)
            except (errors.UndefinedFile, errors.FeatureNotSupported, errors.InternalError_,
                    errors.ObjectNotInPrerequisiteState, errors.SystemError, errors.InvalidParameterValue,
                    errors.UndefinedObject, errors.UndefinedFunction):
                continue
        plan = round_trip(plan_tool, make_database, x)
        made = [s for s in plan["sql"] if s.startswith("CREATE EXTENSION")]
        lines = [s for s in plan["sql"] if not s.startswith(("CREATE EXTENSION", "CREATE SCHEMA", "COMMENT ON EXTENSION"))]
        assert not lines, lines
        assert not plan["notes"], plan["notes"]
        assert len(made) >= here
        left, tried = later if here else [], tried + here
    assert tried > 20


def test_extension_beside_what_uses_it(plan_tool, make_database):
    x = make_database()
    problem = load(x, """
        CREATE SCHEMA ext; CREATE EXTENSION hstore SCHEMA ext; CREATE EXTENSION pg_trgm; CREATE EXTENSION citext;
        CREATE EXTENSION btree_gist; CREATE EXTENSION postgres_fdw;
        CREATE TABLE t (h ext.hstore DEFAULT 'a=>1', c citext UNIQUE, i int, EXCLUDE USING gist (i WITH =));
        CREATE INDEX ON t USING gin (c gin_trgm_ops);
        CREATE VIEW v AS SELECT h ext.-> 'a' AS a FROM t;
    """.replace("h ext.-> 'a'", "h OPERATOR(ext.->) 'a'::text"))
    assert not problem, problem
    round_trip(plan_tool, make_database, x)


# catalog → the kind that reads it, or why none does
PART = "a part of the object that it hangs on"
DERIVED = "follows from other objects; the server keeps it"
CLUSTER = "of the cluster, not of a database"
STATISTICS = "what ANALYZE or the server has counted, not schema"
CATALOGS = {
    "pg_aggregate": "aggregate", "pg_am": "access method", "pg_amop": "operator family and class",
    "pg_amproc": "operator family and class", "pg_attrdef": "default; generated columns with their column",
    "pg_attribute": "column, attribute of a composite type", "pg_auth_members": CLUSTER, "pg_authid": CLUSTER,
    "pg_cast": "cast", "pg_class": "table, index, view, materialized view, sequence, composite",
    "pg_collation": "collation", "pg_constraint": "constraint, domain constraint; NOT NULL with its column",
    "pg_conversion": "conversion", "pg_database": CLUSTER, "pg_db_role_setting": CLUSTER,
    "pg_default_acl": "default privileges", "pg_depend": "the order of a plan", "pg_description": "comment of each kind",
    "pg_enum": "enum", "pg_event_trigger": "event trigger", "pg_extension": "extension",
    "pg_foreign_data_wrapper": "foreign data wrapper", "pg_foreign_server": "server", "pg_foreign_table": "table",
    "pg_index": "index, constraint", "pg_inherits": "table (inherits), partition",
    "pg_init_privs": "what privileges are compared with", "pg_language": "language",
    "pg_largeobject": "rows, not schema", "pg_largeobject_metadata": "unrendered: large objects, by owner",
    "pg_namespace": "schema", "pg_opclass": "operator class", "pg_operator": "operator", "pg_opfamily": "operator family",
    "pg_parameter_acl": CLUSTER, "pg_partitioned_table": "table (partition key)",
    "pg_pltemplate": CLUSTER, "pg_policy": "policy", "pg_proc": "routine, aggregate", "pg_publication": "publication",
    "pg_publication_namespace": "publication schema", "pg_publication_rel": "publication table", "pg_range": "range type",
    "pg_replication_origin": CLUSTER, "pg_rewrite": "rule; the definition of a view",
    "pg_seclabel": "security labels of each kind", "pg_sequence": "sequence; an identity column's with its column",
    "pg_shdepend": DERIVED, "pg_shdescription": CLUSTER, "pg_shseclabel": CLUSTER, "pg_statistic": STATISTICS,
    "pg_statistic_ext": "statistics", "pg_statistic_ext_data": STATISTICS,
    "pg_subscription": "subscription; unrendered: its connection string", "pg_subscription_rel": STATISTICS,
    "pg_tablespace": CLUSTER, "pg_transform": "transform",
    "pg_trigger": "trigger; those of foreign keys with their constraint",
    "pg_ts_config": "text search configuration", "pg_ts_config_map": "text search configuration",
    "pg_ts_dict": "text search dictionary", "pg_ts_parser": "text search parser", "pg_ts_template": "text search template",
    "pg_type": "enum, domain, domain default, composite, range type, base type; row and array types follow",
    "pg_user_mapping": "user mapping; unrendered: its secrets",
}


def test_every_catalog_is_read_or_has_a_reason(server):
    there = {r[0] for r in server.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r'")}
    assert there <= set(CATALOGS), f"no kind and no reason: {sorted(there - set(CATALOGS))}"


def test_kinds_of_the_table_exist(plan_tool, server):
    kinds = set(plan_tool.kinds())
    words = {w.strip() for reason in CATALOGS.values() for w in reason.split(";")[0].split(",")}
    named = {k for k in kinds if any(k in w for w in words)}
    hidden = {"family operator", "family function", "text search", "index", "domain constraint"}
    assert kinds - named <= hidden, f"kinds that no catalog names: {sorted(kinds - named - hidden)}"


def test_what_cannot_be_rendered_is_named(plan_tool, server, make_database):
    for role in ("kind_a", "kind_b"):
        try:
            server.execute(f"CREATE ROLE {role}")
        except errors.DuplicateObject:
            pass
    x = make_database()
    problem = load(x, """
        CREATE EXTENSION postgres_fdw; CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw;
        CREATE USER MAPPING FOR kind_a SERVER s OPTIONS (user 'u', password 'tellnobody');
        SELECT lo_from_bytea(0, 'x');
        REVOKE EXECUTE ON FUNCTION pg_sleep(double precision) FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION postgres_fdw_handler() TO kind_b;
        CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY); GRANT USAGE ON SEQUENCE t_id_seq TO kind_b;
        CREATE SUBSCRIPTION sub CONNECTION 'dbname=nowhere password=tellnobody' PUBLICATION p WITH (connect = false);
    """)
    assert not problem, problem
    try:
        plan = plan_tool.dump(x)
        said = "\n".join(plan["notes"])
        for words in ("option password of the user mapping for kind_a on server s (a secret)",
                      "large objects of role postgres: 1", "pg_sleep(double precision), PostgreSQL's own",
                      "postgres_fdw_handler(), of extension postgres_fdw", "identity column public.t.id",
                      "subscription sub: its connection string"):
            assert words in said, f"{words!r} not in:\n{said}"
        assert "tellnobody" not in text(plan) + said + str(plan_tool.read(x))
        assert not plan_tool.diff(x, x)["equal"]
        assert any(s.startswith("CREATE SUBSCRIPTION sub CONNECTION ''") for s in plan["sql"])
        y = make_database()
        plan["sql"] = [s.replace("slot_name = 'sub'", "slot_name = NONE") for s in plan["sql"]]
        assert not apply(y, plan)
        y.execute("ALTER SUBSCRIPTION sub DISABLE; DROP SUBSCRIPTION sub")
    finally:
        x.execute("ALTER SUBSCRIPTION sub SET (slot_name = NONE)")
        x.execute("DROP SUBSCRIPTION sub")


def test_an_ordinary_role_reads_it_all(plan_tool, server, make_database):
    x = make_database()
    role = x.role("GRANT CONNECT ON DATABASE {database} TO {role}")
    x.execute("CREATE TABLE t (id serial PRIMARY KEY); CREATE VIEW v AS SELECT * FROM t;"
              "CREATE SEQUENCE s; CREATE PUBLICATION p FOR TABLE t")
    mine = plan_tool.ask("read", x.url_for(role))
    assert mine["fingerprint"] == plan_tool.read(x)["fingerprint"]
