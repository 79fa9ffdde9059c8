"""Mappings: drafted, held against both databases, registered; what is wrong is named with its place."""
import json

import pytest

HARD = 'Täble "x".y\'z; \\ ' + "n" * 40  # 63 bytes with its two-byte letter


@pytest.fixture
def sides(make_project, make_database):
    """A project whose source and destination are two databases."""
    project = make_project()
    project.old, project.new = make_database(), make_database()
    project.config({"environments": {"dev": {"url": project.new.url}}, "sync": {"source": project.old.url}})
    (project.path / "migrations").mkdir(exist_ok=True)
    (project.path / "sync").mkdir()
    return project


def mapping(project, entity="a", source="{table: s, key: id}", destination="{table: d, key: id}",
            fields=("{from: x, to: x}",), rest=""):
    project.write(f"sync/{entity}.yaml",
                  f"entity: {entity}\nversion: 1.0.0\nsource: {source}\ndestination: {destination}\nfields:\n"
                  + "".join(f"- {f}\n" for f in fields) + rest)


def findings(project, code, *words):
    return project.godwit("sync", "mapping", "check", "--json", *words, code=code).json["findings"]


def found(project, message, line=None, column=None, code=3, severity="error"):
    """The one finding that says this, at its place."""
    said = findings(project, code)
    match = [f for f in said if message in f"{f['message']} ({f['hint']})" and f["severity"] == severity]
    assert match, said
    if line:
        assert (match[0]["line"], match[0]["column"]) == (line, column), match
    return match[0]


def clean(project, code=0):
    said = [f for f in findings(project, code) if f["severity"] == "error"]
    assert not said, said


# ---- a good one ------------------------------------------------------------------------------------


CLINIC_OLD = """
CREATE TABLE doctor (id serial PRIMARY KEY, name text NOT NULL, boss int REFERENCES doctor, updated_at timestamptz);
CREATE TABLE patient (id serial PRIMARY KEY, doctor_id int REFERENCES doctor, email varchar(80), status text, born text);
"""
CLINIC_NEW = """
CREATE TABLE doctors (id uuid PRIMARY KEY, legacy_id int, name text NOT NULL, boss uuid REFERENCES doctors);
CREATE TABLE patients (id uuid PRIMARY KEY, legacy_id int UNIQUE, doctor_id uuid REFERENCES doctors, email text,
                       status text, born date);
"""


@pytest.fixture
def clinic(sides):
    sides.old.execute(CLINIC_OLD)
    sides.new.execute(CLINIC_NEW)
    return sides


def test_a_draft_passes_the_check_and_is_registered(clinic):
    made = clinic.godwit("sync", "mapping", "scaffold", "--json", code=0).json["drafts"]
    assert [m["file"] for m in made] == ["sync/doctors.yaml", "sync/patients.yaml"]
    again = clinic.godwit("sync", "mapping", "scaffold", "--json", code=0).json["drafts"]
    assert all(m["file"] is None and "is there already" in m["reason"] for m in again)
    assert "reference: doctors" in clinic.read("sync/patients.yaml")

    said = clinic.godwit("sync", "mapping", "check", "--json", code=0).json
    assert said["valid"] and [e["entity"] for e in said["entities"]] == ["doctors", "patients"]
    fields = {f["to"]: f for e in said["entities"] for f in e["fields"]}
    assert fields["boss"]["second_pass"] and not fields["doctor_id"]["second_pass"]
    assert said["entities"][1]["needs"] == ["doctors"]
    assert (fields["born"]["conversion"], fields["born"]["binary"]) == ("text", False)
    assert (fields["name"]["conversion"], fields["name"]["binary"]) == ("same", True)
    assert clinic.old.tables("godwit") == [] and clinic.new.tables("godwit") == []  # nothing is written

    assert clinic.godwit("sync", "mapping", "list", "--json", code=0).json == {"definitions": []}
    clinic.godwit("sync", "mapping", "register", code=0)
    rows = clinic.new.execute("SELECT entity_type, version, is_active, described -> 'source' ->> 'name'"
                              " FROM godwit.schema_mapping_definitions ORDER BY 1")
    assert rows == [("doctors", "1.0.0", True, "doctor"), ("patients", "1.0.0", True, "patient")]
    assert clinic.godwit("sync", "mapping", "show", "patients", code=0).out == clinic.read("sync/patients.yaml")
    assert clinic.old.tables("godwit") == []
    assert clinic.new.execute("SELECT number, name FROM godwit.parts WHERE part = 'differential' ORDER BY 1") == [
        (1, "create_differential_migration_tables"), (2, "add_differential_indexes"),
        (3, "create_differential_functions"), (4, "migrate_existing_migration_data"), (5, "remember_departed_rows"),
        (6, "hold_under_replica"), (7, "say_who_wrote_what_waits"),
        (8, "remember_filled_references")]


def test_a_protected_environment_is_checked_freely_and_written_by_name_only(clinic):
    clinic.config({"environments": {"prod": {"url": clinic.new.url, "protected": True}}, "sync": {"source": clinic.old.url}})
    clinic.godwit("sync", "mapping", "scaffold", code=0)
    clinic.godwit("sync", "mapping", "check", code=0)
    for words in (["mapping", "register"], ["mapping", "activate", "doctors", "1.0.0"], ["import"]):
        assert "prod" in clinic.godwit("sync", *words, "--json", code=5).json["error"]["message"]
    assert clinic.new.tables("godwit") == []
    clinic.godwit("--protected", "prod", "sync", "mapping", "register", code=0)
    clinic.godwit("sync", "mapping", "list", code=0)


def test_a_version_never_changes_and_one_is_active(clinic):
    clinic.godwit("sync", "mapping", "scaffold", code=0)
    clinic.godwit("sync", "mapping", "register", code=0)
    same = clinic.godwit("sync", "mapping", "register", "--json", code=0).json["registered"]
    assert [r["new"] for r in same] == [False, False]
    text = clinic.read("sync/doctors.yaml")
    clinic.write("sync/doctors.yaml", text + "# other\n")
    failed = clinic.godwit("sync", "mapping", "register", "--json", code=1).json["error"]
    assert failed["kind"] == "state" and "registered with another text" in failed["message"]
    assert failed["where"] == "sync/doctors.yaml:2:10"
    assert clinic.new.value("SELECT count(*) FROM godwit.schema_mapping_definitions") == 2

    clinic.write("sync/doctors.yaml", text.replace("1.0.0", "1.1.0-rc.1"))
    clinic.godwit("sync", "mapping", "register", "--inactive", "sync/doctors.yaml", code=0)
    assert active(clinic) == {"doctors": "1.0.0", "patients": "1.0.0"}
    clinic.godwit("sync", "mapping", "activate", "doctors", "1.1.0-rc.1", code=0)
    assert active(clinic) == {"doctors": "1.1.0-rc.1", "patients": "1.0.0"}
    assert "registered: 1.0.0, 1.1.0-rc.1" in clinic.godwit("sync", "mapping", "activate", "doctors", "3.0.0", code=1).err
    assert "no mapping of x is registered" in clinic.godwit("sync", "mapping", "activate", "x", "1.0.0", code=1).err
    listed = clinic.godwit("sync", "mapping", "list", "--json", "doctors", code=0).json["definitions"]
    assert [(d["version"], d["active"]) for d in listed] == [("1.0.0", False), ("1.1.0-rc.1", True)]
    shown = clinic.godwit("sync", "mapping", "show", "--json", "doctors", "1.0.0", code=0).json["definitions"][0]
    assert shown["body"] == text and shown["described"]["destination"]["columns"]["id"]["type"] == "uuid"


def active(project):
    return dict(project.new.execute("SELECT entity_type, version FROM godwit.schema_mapping_definitions WHERE is_active"))


def test_nothing_is_registered_where_one_does_not_fit(clinic):
    clinic.godwit("sync", "mapping", "scaffold", code=0)
    clinic.new.execute("ALTER TABLE patients DROP COLUMN email")
    assert "nothing was registered" in clinic.godwit("sync", "mapping", "register", code=3).out
    assert clinic.new.tables("godwit") == []


# ---- what does not fit -----------------------------------------------------------------------------


def tables(project, old, new):
    project.old.execute(old)
    project.new.execute(new)


def test_everything_at_once_over_all_files(sides):
    tables(sides, "CREATE TABLE s (id int PRIMARY KEY, x text)", "CREATE TABLE d (id int PRIMARY KEY, x text)")
    mapping(sides, "a", fields=["{from: y, to: z}"], source="{table: s, key: ix}")
    mapping(sides, "b", destination="{table: e, key: id}")
    sides.write("sync/c.yaml", "entity: c\nversion: one\n")
    said = sides.godwit("sync", "mapping", "check", "--json", code=2).json
    places = {(f["file"], f["line"], f["column"]) for f in said["findings"]}
    assert {("sync/a.yaml", 3, 25), ("sync/a.yaml", 6, 10), ("sync/a.yaml", 6, 17), ("sync/b.yaml", 4, 22),
            ("sync/c.yaml", 2, 10)} <= places
    assert not said["valid"]
    text = sides.godwit("sync", "mapping", "check", code=2).out
    assert "sync/a.yaml:3:25: error: there is no column \"ix\" in the source" in text
    assert 'did you mean "x"?' in text


COLUMNS = [
    # source column, destination column, field, what is said, severity
    ("x int", "x uuid", "{from: x, to: x}", "integer does not become uuid by itself", "error"),
    ("x timestamp", "x timestamptz", "{from: x, to: x}", "without a zone is taken as UTC", "warning"),
    ("x numeric", "x int", "{from: x, to: x}", "fractions are rounded", "warning"),
    ("x numeric(8,4)", "x numeric(8,2)", "{from: x, to: x}", "digits behind the point are rounded", "warning"),
    ("x float8", "x real", "{from: x, to: x}", "digits may be lost", "warning"),
    ("x timestamptz", "x date", "{from: x, to: x}", "the time of day is lost", "warning"),
    ("x oid", "x bytea", "{from: x, to: x}", "holds a large object's number", "error"),
    ("x bytea", "x oid", "{from: x, to: x}", "holds a large object's number", "error"),
    ("x int", "x int GENERATED ALWAYS AS IDENTITY", "{from: x, to: x}", "it cannot be updated", "error"),
    ("x int", "y int, x int GENERATED ALWAYS AS (y) STORED", "{from: x, to: x}", "the destination computes it", "error"),
    ("x int", "x int, y int NOT NULL", "{from: x, to: x}", 'no field fills "y"', "error"),
    ("x text", "x text NOT NULL", "{from: x, to: x}", "such rows will be rejected", "warning"),
    ("x text", "x text", "{from: x, to: x, type: nothing}", '"type": type "nothing" does not exist', "error"),
    ("x text", "x int", "{from: x, to: x, default: many}", "invalid input syntax for type integer", "error"),
    ("x text", "x int", "{to: x, value: many}", "the value of \"x\"", "error"),
    ("x text", "x int NOT NULL", "{to: x, value: null}", "is NOT NULL", "error"),
    ("x text", "x text", "{to: x, sql: 'lower(y)'}", 'column "y" does not exist', "error"),
    ("x text", "x text", "{to: x, sql: 'x || now()'}", "now() is not immutable", "warning"),
    ("x text", "x text", "{to: x, sql: 'x || random()'}", "random() is volatile", "warning"),
    ("x timestamptz", "x timestamptz", "{to: x, sql: \"date_trunc('day', x)\"}", "date_trunc() is not immutable", "warning"),
    ("x text", "x text", "{to: x, sql: '(SELECT max(x) FROM s)'}", "reads other tables", "warning"),
    ("x text", "x date", "{to: x, sql: 'CURRENT_DATE'}", "asks the clock", "warning"),
    ("x int", "x uuid", "{to: x, sql: 'x + 1'}", "integer does not become uuid", "error"),
    ("x text", "x text", "{from: x, to: x, reference: nobody}", 'there is no entity "nobody"', "error"),
]


@pytest.mark.parametrize("old, new, field, says, severity", COLUMNS, ids=[f"{c[3]} {c[1]}" for c in COLUMNS])
def test_columns_and_types(sides, old, new, field, says, severity):
    tables(sides, f"CREATE TABLE s (id int PRIMARY KEY, {old})", f"CREATE TABLE d (id int PRIMARY KEY, {new})")
    mapping(sides, fields=[field])
    found(sides, says, code=3 if severity == "error" else 0, severity=severity)


IMMUTABLE = [
    # where the source is, its column, an expression: of a name that has immutable functions and others, this uses an immutable one
    ("s", "x timestamp", "x AT TIME ZONE 'America/Chicago'"),
    ("s", "x timestamptz", "x AT TIME ZONE 'America/Chicago'"),
    ("s", "x timestamptz", "date_trunc('day', s.x AT TIME ZONE 'UTC')"),
    ("s", "x timestamp NOT NULL", "date_trunc('day', x) -- of no zone"),
    ("v", "x timestamp", "date_trunc('day', x)"),
    ("(SELECT s.id, t.x FROM s JOIN s t ON t.id = s.id)", "x timestamp", "date_trunc('day', x)"),
    ("s", "x int", "mine(x)"),
]


@pytest.mark.parametrize("where, column, sql", IMMUTABLE, ids=[f"{c[1]} {c[2]} of {c[0]}" for c in IMMUTABLE])
def test_the_function_that_is_used_counts_and_not_all_of_its_name(sides, where, column, sql):
    tables(sides, f"CREATE TABLE s (id int PRIMARY KEY, {column}); CREATE VIEW v AS SELECT s.* FROM s JOIN s t ON t.id = s.id;"
           "CREATE FUNCTION mine(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN $1; END';"
           "CREATE FUNCTION mine(text) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'",
           "CREATE TABLE d (id int PRIMARY KEY, x text)")
    source = f"{{query: '{where[1:-1]}', key: id}}" if where[0] == "(" else f"{{table: {where}, key: id}}"
    mapping(sides, fields=["{to: x, type: text, sql: \"%s\"}" % sql.replace(" --", "\\n --")], source=source)
    said = sides.godwit("sync", "mapping", "check", "--json", code=0).json
    assert not [f for f in said["findings"] if "immutable" in f["message"] or "volatile" in f["message"]]
    # The other one of its name is seen.
    if "mine" in sql:
        mapping(sides, fields=["{to: x, type: text, sql: \"mine(x::text)\"}"], source=source)
        found(sides, "mine() is not immutable", code=0, severity="warning")


def test_types_that_are_the_same_may_go_in_binary_and_others_not(sides):
    tables(sides, "CREATE TYPE m AS ENUM ('a'); CREATE DOMAIN dom AS int; CREATE TABLE s (id int PRIMARY KEY, a bigint,"
           " b bigint, c text[], d regclass, e m, f dom, g int4range, h varchar(9), i varchar(9))",
           "CREATE TYPE m AS ENUM ('b', 'a'); CREATE DOMAIN dom AS int CHECK (VALUE > 0); CREATE TABLE d (id int PRIMARY KEY,"
           " a bigint, b timestamptz, c text[], d regclass, e m, f dom, g int4range, h varchar(8), i text)")
    mapping(sides, fields=[f"{{from: {c}, to: {c}}}" for c in "acdefghi"])
    said = sides.godwit("sync", "mapping", "check", "--json", code=0).json
    binary = {f["to"]: f["binary"] for f in said["entities"][0]["fields"]}
    assert binary == {"id": True, "a": True, "c": True, "d": False, "e": False, "f": False, "g": True, "h": False, "i": False}
    how = {f["to"]: f["conversion"] for f in said["entities"][0]["fields"]}
    assert (how["e"], how["h"], how["i"]) == ("text", "same", "assign")


def test_labels_that_the_other_enum_has_not(sides):
    tables(sides, "CREATE TYPE m AS ENUM ('a', 'it''s', 'c'); CREATE TABLE s (id int PRIMARY KEY, x m, y m[])",
           "CREATE TYPE m AS ENUM ('c', 'a'); CREATE TABLE d (id int PRIMARY KEY, x m, y m[])")
    mapping(sides, fields=["{from: x, to: x}", "{from: y, to: y}"])
    said = [f for f in findings(sides, 3) if "has labels that" in f["message"]]
    assert [f["line"] for f in said] == [6, 7] and all("'it's'" in f["message"] for f in said)


def test_an_expression_is_wrong_at_its_place_in_the_file(sides):
    tables(sides, "CREATE TABLE s (id int PRIMARY KEY, x text)", "CREATE TABLE d (id int PRIMARY KEY, x text)")
    sides.write("sync/a.yaml", "entity: a\nversion: 1.0.0\nsource: {table: s, key: id}\n"
                "destination: {table: d, key: id}\nfields:\n- to: x\n  sql: |\n    upper(x) ||\n      lower(nix)\n"
                "rules:\n- {sql: 'x > nothing'}\n- {rule: format, field: x, parameters: {pattern: '(['}}\n"
                "- {sql: 'length(x)'}\n")
    found(sides, 'column "nix" does not exist', 9, 13)
    found(sides, 'column "nothing" does not exist', 11, 14)
    found(sides, "the pattern: invalid regular expression", 12, 50)
    found(sides, "the condition of a rule gives integer", 13, 9)


def test_rules_see_the_fields_alone(sides):
    tables(sides, "CREATE TABLE s (id int PRIMARY KEY, x int)", "CREATE TABLE d (id int PRIMARY KEY, x int, other int)")
    mapping(sides, rest="rules:\n- {sql: 'x > other'}\n- {rule: range, field: x, parameters: {min: little}}\n")
    found(sides, 'no field of this mapping goes to "other"', 8, 9)
    found(sides, 'the least value of "x"', 9, 45)


@pytest.mark.slow
def test_functions_are_checked_by_the_compiler(sides):
    tables(sides, "CREATE TABLE s (id int PRIMARY KEY, x text, n bigint NOT NULL)",
           "CREATE TABLE d (id int PRIMARY KEY, x text, y int NOT NULL)")
    head = ("entity: a\nversion: 1.0.0\nsource: {table: s, key: id}\ndestination: {table: d, key: id}\nfields:\n"
            "- {to: x, transform: up}\n- {to: y, transform: many}\nfunctions:\n  up: |\n")
    good = "    (row: Row): string | null => row.x\n  many: '(row: Row): number => Number(row.n)'\n"
    sides.write("sync/a.yaml", head + good)
    said = sides.godwit("sync", "mapping", "check", "--json").json
    if any("godwit-script" in f["message"] or "TypeScript" in f["message"] for f in said["findings"]):
        pytest.skip(said["findings"][0]["message"])
    assert said["valid"], said
    sides.godwit("sync", "mapping", "register", code=0)
    assert sides.new.value("SELECT compiled IS NOT NULL FROM godwit.schema_mapping_definitions")
    sides.write("sync/a.yaml", head + "    (row: Row) =>\n      row.xx\n  many: '(row: Row) => row.n'\n")
    assert "TS" in found(sides, "Property 'xx' does not exist", 11, 11)["message"]
    assert [f for f in findings(sides, 3) if f["line"] >= 7 and "bigint" in f["message"]]


@pytest.mark.slow
def test_functions_in_a_file_beside_the_mapping(sides):
    tables(sides, "CREATE TABLE s (id int PRIMARY KEY, x text)", "CREATE TABLE d (id int PRIMARY KEY, x text)")
    mapping(sides, fields=["{to: x, transform: up}"], rest="functions: fn/a.ts\n")
    found(sides, "fn/a.ts", 7, 12, code=2)
    sides.write("sync/fn/a.ts", "export const up = (row: Row): string | null => row.x;\n")
    said = sides.godwit("sync", "mapping", "check", "--json").json
    if any("godwit-script" in f["message"] or "TypeScript" in f["message"] for f in said["findings"]):
        pytest.skip(said["findings"][0]["message"])
    sides.godwit("sync", "mapping", "register", code=0)
    shown = sides.godwit("sync", "mapping", "show", "--json", "a", code=0).json["definitions"][0]
    assert shown["script"] == sides.read("sync/fn/a.ts")
    sides.write("sync/fn/a.ts", "export const up = (row: Row): string => 'other';\n")
    assert "with another text" in sides.godwit("sync", "mapping", "register", code=1).err
    sides.write("sync/fn/a.ts", "export const up = (row: Row): number => 1;\n")
    assert found(sides, "'number' is not assignable to type 'string")["file"] in ("sync/fn/a.ts", "sync/a.yaml")


def test_a_draft_offers_the_columns_that_godwit_fills(sides):
    tables(sides, "CREATE TABLE s (id int PRIMARY KEY, x text)", "CREATE TABLE s (id int PRIMARY KEY, x text,"
           " migrated_at timestamptz NOT NULL, source_hash bigint NOT NULL)")
    sides.godwit("sync", "mapping", "scaffold", code=0)
    assert "metadata: { migrated_at: migrated_at, source_hash: source_hash }" in sides.read("sync/s.yaml")
    clean(sides)


# ---- keys --------------------------------------------------------------------------------------------


def test_a_key_that_is_not_unique_or_not_there(sides):
    tables(sides, "CREATE TABLE s (id int, x text, y text)", "CREATE TABLE d (id int, x text, UNIQUE (id, x))")
    mapping(sides)
    found(sides, "no primary key and no unique index of the destination is just its key", 4, 30)
    found(sides, "nothing in the source promises that its key stays unique", 3, 25, severity="warning")
    sides.old.execute("INSERT INTO s VALUES (7, 'a'), (7, 'b'), (NULL, 'c')")
    twins = found(sides, "the key of the source is not unique: (7) (2 rows)", 3, 25)
    assert "add the columns that tell such rows apart" in twins["hint"]
    found(sides, '"id" is NULL in some rows', 3, 25)


def test_a_table_without_a_key_is_refused_with_what_to_do(sides):
    tables(sides, "CREATE TABLE s (a int, b text)", "CREATE TABLE s (a int, b text)")
    made, = sides.godwit("sync", "mapping", "scaffold", "--json", code=0).json["drafts"]
    assert made["file"] is None and "has no key: give it a primary key" in made["reason"]
    sides.write("sync/a.yaml", "entity: a\nversion: 1.0.0\nsource: {table: s}\ndestination: {table: s, key: a}\nfields: []\n")
    assert "every row is known by them" in found(sides, '"source" has no key', 3, 1, code=2)["hint"]


def test_a_deferrable_key_and_texts_that_are_equal_by_collation(sides):
    sides.old.execute("CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
    tables(sides, "CREATE TABLE s (id text COLLATE ci PRIMARY KEY, x text)",
           "CREATE TABLE d (id text PRIMARY KEY DEFERRABLE, x text)")
    mapping(sides)
    found(sides, "only a deferrable constraint", 4, 30)
    found(sides, "takes different texts for equal", 3, 25)


def test_a_query_as_source(sides):
    tables(sides, "CREATE TABLE s (id int PRIMARY KEY, x text)", "CREATE TABLE d (id int PRIMARY KEY, x text)")
    mapping(sides, source='{query: "SELECT id, upper(x) AS x FROM s", key: id}')
    clean(sides)
    mapping(sides, source='{query: "SELECT id, upper(y) AS x FROM s", key: id}')
    found(sides, 'column "y" does not exist', 3, 35)
    sides.old.execute("INSERT INTO s VALUES (1, 'a'), (2, 'a')")
    mapping(sides, source='{query: "SELECT 1 AS id, x FROM s", key: id}')
    found(sides, "is not unique: (1) (2 rows)")


# ---- rights, other engines, itself -----------------------------------------------------------------


def test_a_role_without_rights(sides):
    tables(sides, "CREATE TABLE s (id int PRIMARY KEY, x text)", "CREATE TABLE d (id int PRIMARY KEY, x text)")
    reader, writer = sides.old.role(), sides.new.role("GRANT SELECT ON d TO {role}")
    sides.config({"environments": {"dev": {"url": sides.new.url_for(writer)}}, "sync": {"source": sides.old.url_for(reader)}})
    mapping(sides)
    assert "GRANT SELECT ON" in found(sides, "may not read public.s in the source", 3, 17)["hint"]
    assert "GRANT INSERT, UPDATE ON" in found(sides, "may not write public.d in the destination", 4, 22)["hint"]
    sides.old.execute(f'GRANT SELECT (id) ON s TO "{reader}"; GRANT SELECT ON s TO "{reader}"')
    sides.new.execute(f'GRANT INSERT, UPDATE ON d TO "{writer}"')
    clean(sides)  # SELECT on one side suffices; nothing of Godwit's is needed for a check


def test_row_security_on_the_source_is_told(sides):
    tables(sides, "CREATE TABLE s (id int PRIMARY KEY, x text); ALTER TABLE s ENABLE ROW LEVEL SECURITY",
           "CREATE TABLE d (id int PRIMARY KEY, x text)")
    reader = sides.old.role("GRANT SELECT ON s TO {role}")
    sides.config({"environments": {"dev": {"url": sides.new.url}}, "sync": {"source": sides.old.url_for(reader)}})
    mapping(sides)
    found(sides, "row security applies", 3, 17, code=0, severity="warning")


def test_a_source_that_is_its_own_destination(sides):
    tables(sides, "SELECT 1", "CREATE TABLE d (id int PRIMARY KEY, x text)")
    mapping(sides)
    sides.config({"environments": {"dev": {"url": sides.new.url}}, "sync": {"source": sides.new.tcp_url()
                  if callable(sides.new.tcp_url) else sides.new.tcp_url}})
    refused = sides.godwit("sync", "mapping", "check", "--json", code=5).json["error"]
    assert refused["kind"] == "refused" and "the source is the destination" in refused["message"]


@pytest.mark.parametrize("url, name", [("mariadb://h/d", "MariaDB"), ("mysql://h/d", "MySQL"), ("sqlite:old.db", "SQLite"),
                                       ("csv:files/", "CSV")])
def test_other_engines_are_refused_by_name(sides, url, name):
    mapping(sides)
    sides.config(f"environments: {{dev: {{url: {json.dumps(sides.new.url)}}}}}\nsync:\n  source: {url}\n")
    refused = sides.godwit("sync", "mapping", "check", "--json", code=5).json["error"]
    assert f"rows cannot be read from {name} yet" in refused["message"] and refused["where"] == "godwit.yaml:3:11"


def test_no_source_no_folder_no_mapping(make_project, database):
    project = make_project()
    project.config({"environments": {"dev": {"url": database.url}}})
    assert "there is no folder sync" in project.godwit("sync", "mapping", "check", code=2).err
    (project.path / "sync").mkdir()
    assert "there is no mapping in sync" in project.godwit("sync", "mapping", "check", code=2).err
    project.write("sync/a.yaml", "entity: a\nversion: 1.0.0\nsource: {table: s, key: i}\ndestination: {table: d, key: i}\nfields: []\n")
    assert "does not say where rows come from" in project.godwit("sync", "mapping", "check", code=2).err
    assert "sync/none.yaml" in project.godwit("sync", "mapping", "check", "sync/none.yaml", code=1).err
    assert "did you mean check?" in project.godwit("sync", "mapping", "chek", code=2).err


# ---- entities together -------------------------------------------------------------------------------


def two(project, a_null="", b_null="", a_rest="", b_rest=""):
    tables(project, "CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int)",
           f"CREATE TABLE a (id uuid PRIMARY KEY, b uuid {a_null}); CREATE TABLE b (id uuid PRIMARY KEY, a uuid {b_null});"
           "ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b; ALTER TABLE b ADD FOREIGN KEY (a) REFERENCES a")
    mapping(project, "a", "{table: a, key: id}", "{table: a, key: id}", [f"{{from: b, to: b, reference: b{a_rest}}}"],
            "identity: uuid-v7\n")
    mapping(project, "b", "{table: b, key: id}", "{table: b, key: id}", [f"{{from: a, to: a, reference: a{b_rest}}}"],
            "identity: uuid-v7\n")


def order(project):
    said = project.godwit("sync", "mapping", "check", "--json", code=0).json["entities"]
    return [(e["entity"], [f["to"] for f in e["fields"] if f["second_pass"]]) for e in said]


def test_a_cycle_is_broken_where_a_column_may_wait(sides):
    two(sides, a_null="NOT NULL")
    assert order(sides) == [("b", ["a"]), ("a", [])]


def test_a_cycle_that_nothing_breaks_is_shown(sides):
    two(sides, a_null="NOT NULL", b_rest=", required: true")
    assert "may be" not in found(sides, "these entities need each other: a → b → a", 6, 31)["message"]


def test_a_foreign_key_without_an_entity(sides):
    tables(sides, "CREATE TABLE s (id int PRIMARY KEY, x int)",
           "CREATE TABLE kinds (id int PRIMARY KEY); CREATE TABLE d (id int PRIMARY KEY, x int REFERENCES kinds)")
    mapping(sides)
    found(sides, "points to public.kinds (foreign key d_x_fkey), which is empty, and no entity goes into it", 6, 17)
    sides.new.execute("INSERT INTO kinds VALUES (1)")
    found(sides, "its rows have to be there already", 6, 17, code=0, severity="warning")


def test_old_ids_in_a_reference(sides):
    tables(sides, "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE s (id int PRIMARY KEY, x text)",
           "CREATE TABLE p (id text PRIMARY KEY); CREATE TABLE d (id int PRIMARY KEY, x text REFERENCES p)")
    mapping(sides, "p", "{table: p, key: id}", "{table: p, key: id}", [], "identity: uuid-v7\n")
    sides.write("sync/p.yaml", sides.read("sync/p.yaml").replace("fields:\n", "fields: []\n"))
    mapping(sides, "s")
    assert found(sides, "no fields", code=2)
    sides.new.execute("ALTER TABLE p ADD note text")
    sides.write("sync/p.yaml", sides.read("sync/p.yaml").replace("fields: []", "fields: [{to: note, value: x}]"))
    assert found(sides, "points to p (foreign key d_x_fkey), whose ids change", 6, 17)["hint"] == "add reference: p"


def test_a_reference_into_a_column_that_takes_no_uuid_and_one_with_too_few_columns(clinic):
    clinic.godwit("sync", "mapping", "scaffold", code=0)
    clinic.new.execute("ALTER TABLE patients DROP doctor_id, ADD doctor_id int")
    found(clinic, '"doctor_id" is integer, and the ids of doctors are UUIDs')
    text = clinic.read("sync/doctors.yaml").replace("key: id, changed_at", "key: [id, name], changed_at")
    clinic.write("sync/doctors.yaml", text)
    found(clinic, 'the key of doctors has 2 columns, and "from" names 1')


def test_what_is_registered_counts_as_there(clinic):
    clinic.godwit("sync", "mapping", "scaffold", code=0)
    assert "doctors" in clinic.godwit("sync", "mapping", "check", "sync/patients.yaml", code=3).out
    clinic.godwit("sync", "mapping", "register", "sync/doctors.yaml", code=0)
    clinic.godwit("sync", "mapping", "check", "sync/patients.yaml", code=0)


# ---- names --------------------------------------------------------------------------------------------


def test_hard_names_everywhere(sides):
    quoted = '"' + HARD.replace('"', '""') + '"'
    assert len(HARD.encode()) <= 63
    for side in (sides.old, sides.new):
        side.execute(f"CREATE SCHEMA {quoted}; CREATE TABLE {quoted}.{quoted} ({quoted} int PRIMARY KEY,"
                     f" \"true\" text, \"A b\" int, \"ab\" int, \"Ünï\" timestamptz)".replace("%", "%%"))
    made, = sides.godwit("sync", "mapping", "scaffold", "--json", code=0).json["drafts"]
    clean(sides)
    assert made["entity"] == HARD
    sides.godwit("sync", "mapping", "register", code=0)
    assert sides.new.value("SELECT entity_type FROM godwit.schema_mapping_definitions WHERE is_active") == HARD
    assert sides.godwit("sync", "mapping", "show", HARD, code=0).out == sides.path.joinpath(made["file"]).read_text()
    fields = sides.godwit("sync", "mapping", "check", "--json", code=0).json["entities"][0]["fields"]
    assert {f["to"]: f["from"] for f in fields} == {n: [n] for n in (HARD, "true", "A b", "ab", "Ünï")}


# ---- an older system ------------------------------------------------------------------------------------


def test_an_older_system_is_taken_over(clinic):
    clinic.new.execute("""
        CREATE TABLE migration_mappings (entity_type text, legacy_id int, modern_id uuid, migration_batch text,
                                         migrated_at timestamptz, metadata jsonb);
        INSERT INTO migration_mappings VALUES
            ('doctors', 1, md5('1')::uuid, 'batch 7', '2020-01-02T03:04:05Z', '{"a": 1}'),
            ('doctors', 2, md5('2')::uuid, md5('b')::uuid::text, NULL, NULL), ('doctors', 2, md5('3')::uuid, NULL, NULL, NULL);
        CREATE SCHEMA "old ""one";
        CREATE TABLE "old ""one".migration_control (run_id text, entity_type text, status text, started text);
        INSERT INTO "old ""one".migration_control VALUES ('r1', 'doctors', 'completed', 'x'), ('r2', '', 'running', 'y');""")
    before = clinic.new.execute("SELECT * FROM migration_mappings ORDER BY 2, 3")
    said = clinic.godwit("sync", "import", "--json", code=3)
    assert "1 of 3 rows of doctors were not imported" in said.err
    row, = said.json["imported"]
    assert (row["rows"], row["imported"], row["present"], row["conflicts"]) == (3, 0, 2, 1)
    runs, = clinic.godwit("sync", "import", "--schema", 'old "one', "--json", code=0).json["imported"]
    assert (runs["table"], runs["imported"], runs["present"]) == ("migration_control", 2, 0)
    again, = clinic.godwit("sync", "import", "--schema", 'old "one', "--json", code=0).json["imported"]
    assert (again["imported"], again["present"], again["conflicts"]) == (0, 2, 0)
    assert clinic.new.execute("SELECT * FROM migration_mappings ORDER BY 2, 3") == before
    assert clinic.new.execute("SELECT legacy_id, metadata ->> 'migration_batch' FROM godwit.migration_mappings ORDER BY 1") == [
        ("1", "batch 7"), ("2", None)]
    assert clinic.new.execute("SELECT entity_type, status, legacy ->> 'started' FROM godwit.migration_control ORDER BY 2") == [
        ("doctors", "completed", "x"), ("(imported)", "failed", "y")]
    assert "no migration_control" in clinic.godwit("sync", "import", "--schema", "nowhere", code=0).out
