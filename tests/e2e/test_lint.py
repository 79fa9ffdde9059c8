"""godwit lint: what is read, what is said and how, what silences it."""
import json
import pathlib
import re
import urllib.parse

import jsonschema
import pytest

from harness.program import ROOT

DATA = pathlib.Path(__file__).parent / "data"
# The standard's own schema, whole: scripts/install-deps test brings it.
SARIF = ROOT / ".cache/npm/node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"


def rules(result):
    return [f["rule"] for f in result.json["findings"]]


@pytest.fixture
def plain(bare_project):
    """A project that names no database."""
    bare_project.config("project: shop\nmigrations: migrations\nenvironments: { prod: { url: \"${DATABASE_URL}\" } }\n")
    return bare_project


# ---- what is read ----------------------------------------------------------------------------


def test_a_clean_project(plain):
    plain.migration(1, "orders", "CREATE TABLE orders (id bigint PRIMARY KEY, note text);", "DROP TABLE orders;")
    done = plain.godwit("lint", code=0)
    assert done.out == "2 files, 2 statements: 0 errors, 0 warnings, 0 notes\n"
    assert not done.err


def test_a_finding_has_its_place(plain):
    plain.migration(1, "orders", "CREATE TABLE orders (id bigint PRIMARY KEY, n int);", "DROP TABLE orders;")
    plain.migration(2, "éß", "-- a note\n\n  CREATE INDEX i\n      ON orders (n);", "DROP INDEX CONCURRENTLY i;")
    done = plain.godwit("lint", code=3)
    lines = done.out.splitlines()
    assert lines[0].startswith("migrations/2_éß.up.sql:3:3: error: ") and lines[0].endswith(" [index_not_concurrent]")
    assert lines[1:3] == [" 3 |   CREATE INDEX i", "   |   ^"]
    assert lines[3].startswith(" hint: CREATE INDEX CONCURRENTLY")
    document = plain.godwit("lint", "--json", code=3).json
    finding = document["findings"][0]
    assert set(finding) == {"rule", "severity", "file", "line", "column", "message", "hint"}
    assert (finding["rule"], finding["severity"], finding["file"], finding["line"], finding["column"]) == \
        ("index_not_concurrent", "error", "migrations/2_éß.up.sql", 3, 3)
    assert document["errors"] == 1 and document["files"] == 4


def test_files_of_a_project_are_read_with_those_around_them(plain, godwit):
    plain.migration(1, "a", "CREATE TABLE a (id bigint PRIMARY KEY); CREATE TABLE b (x int);", "DROP TABLE a; DROP TABLE b;")
    plain.migration(2, "b", "INSERT INTO a (idd) VALUES (1);", "DELETE FROM a WHERE id = 1;")
    done = plain.godwit("lint", "--json", "migrations/2_b.up.sql", code=3)
    assert rules(done) == ["unknown_column"] and done.json["files"] == 1
    assert "table_without_primary_key" in rules(plain.godwit("lint", "--json", code=3))
    done = godwit("-C", plain.path, "lint", "--json", "migrations/2_b.up.sql", cwd="/", code=3)
    assert rules(done) == ["unknown_column"]


def test_without_a_project(godwit, tmp_path):
    (tmp_path / "one.sql").write_text("DROP TABLE a;\nSELECT 1;\n")
    done = godwit("lint", "--json", "one.sql", cwd=tmp_path, code=0)
    assert rules(done) == ["drop_table"]
    assert "there is no file two.sql" in godwit("lint", "two.sql", cwd=tmp_path, code=2).err
    (tmp_path / "bad.sql").write_bytes(b"SELECT '\xff';")
    assert "bad.sql" in godwit("lint", "bad.sql", cwd=tmp_path, code=1).err
    godwit("lint", cwd=tmp_path, code=2)


def test_sections_of_other_conventions(godwit, tmp_path):
    folder = tmp_path / "db"
    folder.mkdir()
    (folder / "1_a.sql").write_text("-- migrate:up\nCREATE TABLE a (id bigint PRIMARY KEY);\n\n"
                                    "-- migrate:down\nDROP TABLE a;\nDROP TABLE z CASCADE;\n")
    (folder / "2_b.sql").write_text("-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON a (id);\nVACUUM a;\n"
                                    "-- migrate:down\nDROP INDEX CONCURRENTLY i;\nSELECT 1;\n")
    found = {(f["rule"], f["file"].split("/")[-1], f["line"]) for f in
             godwit("lint", "--json", "db", cwd=tmp_path, code=3).json["findings"]}
    assert ("drop_cascade", "1_a.sql", 6) in found
    assert ("cannot_run_in_transaction", "2_b.sql", 5) in found
    assert not [f for f in found if f[0] == "cannot_run_in_transaction" and f[2] < 5]


def test_pending_speaks_of_what_is_not_applied(project):
    project.migration(1, "a", "CREATE TABLE a (x int);", "DROP TABLE a;")
    project.godwit("up", code=0)
    project.migration(2, "b", "CREATE TABLE b (x int);", "DROP TABLE b;")
    assert project.godwit("lint", "--json", code=0).json["files"] == 4
    done = project.godwit("lint", "--pending", "--json", code=0).json
    assert done["files"] == 2
    assert {f["file"] for f in done["findings"]} == {"migrations/2_b.up.sql"}


def test_variables_need_no_value(plain):
    plain.migration(1, "a", "-- godwit: env\nCREATE TABLE a (id bigint PRIMARY KEY, n text DEFAULT '${NOT_SET}');", "DROP TABLE a;")
    plain.godwit("lint", code=0)


# ---- how it is said ----------------------------------------------------------------------------


def awkward(plain):
    """Findings of each severity, with signs that formats have to escape."""
    plain.migration(1, "a, b:c%", "CREATE TABLE \"a,b:\"\"%\nx\" (x int, flag boolean, amount real);\nSELECT 1 = NULL;\n"
                    "CREAT TABLE \"é\";", "DROP TABLE IF EXISTS nothing;")


@pytest.fixture(scope="module")
def sarif():
    """Judges a document by the schema of SARIF 2.1.0."""
    if not SARIF.is_file():
        pytest.fail(f"no {SARIF}: scripts/install-deps test")
    schema = json.loads(SARIF.read_text())
    jsonschema.Draft4Validator.check_schema(schema)
    assert len(schema["definitions"]) > 50, "a part of it"
    return jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker()).validate


def test_sarif(plain, sarif):
    awkward(plain)
    done = plain.godwit("lint", "--format", "sarif", code=3)
    sarif(done.json)
    run, = done.json["runs"]
    known = run["tool"]["driver"]["rules"]
    assert len({r["id"] for r in known}) == len(known) > 3
    findings = plain.godwit("lint", "--json", code=3).json["findings"]
    assert len(run["results"]) == len(findings)
    for result, finding in zip(run["results"], findings):
        place = result["locations"][0]["physicalLocation"]
        assert known[result["ruleIndex"]]["id"] == result["ruleId"] == finding["rule"]
        assert result["level"] == finding["severity"]
        assert urllib.parse.unquote(place["artifactLocation"]["uri"]) == finding["file"]
        assert place["region"] == {"startLine": finding["line"], "startColumn": finding["column"]}
        assert finding["message"] in result["message"]["text"]


@pytest.mark.parametrize("spoil", [
    lambda run: run["results"][0].update(level="bad"),
    lambda run: run["results"][0].pop("message"),
    lambda run: run["results"][0]["locations"][0]["physicalLocation"]["region"].update(startLine=0),
    lambda run: run["tool"]["driver"].pop("name"),
    lambda run: run["tool"]["driver"]["rules"].append(run["tool"]["driver"]["rules"][0]),
    lambda run: run.update(unknown=1),
])
def test_the_schema_can_refuse(plain, sarif, spoil):
    awkward(plain)
    document = plain.godwit("lint", "--format", "sarif", code=3).json
    spoil(document["runs"][0])
    with pytest.raises(jsonschema.ValidationError):
        sarif(document)


def test_a_clean_run_is_sarif_too(plain, sarif):
    plain.migration(1, "a", "SELECT 1;", "SELECT 1;")
    sarif(plain.godwit("lint", "--format", "sarif", code=0).json)


def unescape(text):
    return re.sub(r"%(0A|0D|25|3A|2C)", lambda m: chr(int(m[1], 16)), text)


def test_github_annotations(plain):
    awkward(plain)
    lines = plain.godwit("lint", "--format", "github", code=3).out.splitlines()
    findings = plain.godwit("lint", "--json", code=3).json["findings"]
    assert len(lines) == len(findings)
    for line, finding in zip(lines, findings):
        m = re.fullmatch(r"::(error|warning|notice) file=([^,:]*),line=(\d+),col=(\d+),title=([^,:]*)::(.*)", line)
        assert m, line
        assert m[1].replace("notice", "note") == finding["severity"]
        assert (unescape(m[2]), int(m[3]), int(m[4]), m[5]) == \
            (finding["file"], finding["line"], finding["column"], finding["rule"])
        assert unescape(m[6]) == f"{finding['message']}\n{finding['hint']}"


def test_formats_and_json(plain):
    awkward(plain)
    assert plain.godwit("lint", "--format", "json", code=3).json == plain.godwit("lint", "--json", code=3).json
    plain.godwit("lint", "--json", "--format", "sarif", code=2)
    plain.godwit("lint", "--format", "xml", code=2)


# ---- the rules -----------------------------------------------------------------------------------


def test_rules_are_listed_and_explained(godwit, tmp_path):
    known = godwit("lint", "--list", "--json", cwd=tmp_path, code=0).json["rules"]
    assert len(known) >= 70
    listed = godwit("lint", "--list", cwd=tmp_path, code=0).out
    for rule in known:
        assert re.search(rf"^{rule['rule']} +{rule['severity']} ", listed, re.M)
    one = godwit("lint", "--explain", "set_not_null", cwd=tmp_path, code=0).out
    assert "ACCESS EXCLUSIVE" in one and "NOT VALID" in one and "godwit: ignore set_not_null" in one
    assert godwit("lint", "--explain", "set_not_null", "--json", cwd=tmp_path, code=0).json["severity"] == "error"
    assert "did you mean set_not_null?" in godwit("lint", "--explain", "set_notnull", cwd=tmp_path, code=2).err


def test_every_rule_is_a_file_in_the_table_with_cases(godwit, tmp_path):
    known = {r["rule"] for r in godwit("lint", "--list", "--json", cwd=tmp_path, code=0).json["rules"]}
    assert known == {p.stem for p in (ROOT / "src/lint/rules").glob("*.c")}
    # Those that are seen have theirs in test_lint_observed.py.
    assert known == {p.stem for p in (ROOT / "tests/lint").glob("*.sql")} | SEEN


def test_the_page_of_rules_is_made_from_the_table(godwit, tmp_path):
    page = (ROOT / "docs/reference/lint-rules.md").read_text()
    made = godwit("lint", "--markdown", cwd=tmp_path, code=0).out
    assert made == page, "run: build/godwit lint --markdown > docs/reference/lint-rules.md"


SEEN = {"table_rewrite", "full_scan", "lock_kept", "needs_rows", "not_tried"}

COVERAGE = [[cell.strip() for cell in line.split("|")[1:-1]]
            for line in (ROOT / "docs/reference/lint-coverage.md").read_text().splitlines()
            if re.match(r"\| .*`", line)]


@pytest.mark.parametrize("check, rule, example", COVERAGE, ids=[f"{n}-{row[0]}" for n, row in enumerate(COVERAGE)])
def test_what_other_linters_check(plain, check, rule, example):
    """docs/reference/lint-coverage.md: the rule exists, is off where the page says so, and finds the example."""
    name, off = re.fullmatch(r"`(\w+)`(°?)", rule).groups()
    known = plain.godwit("lint", "--explain", name, "--json", code=0).json
    assert (known["severity"] == "off") == bool(off), check
    config = "project: shop\nenvironments: {{ dev: {{ url: embedded }} }}\nlint: {{ severity: {{ {}: warning }} }}\n"
    plain.config(config.format(name))
    for number, text in enumerate(example.split(" then "), 1):
        plain.write(f"migrations/{number}_a.sql", "\n".join(re.findall("`([^`]*)`", text)) + ";\n")
    found = rules(plain.godwit("lint", "--json"))
    assert name in found, (check, found)


def test_nothing_of_other_linters_is_left_out():
    page = (ROOT / "docs/reference/lint-coverage.md").read_text()
    counts = {title: len(re.findall(r"^\| .*`", part, re.M))
              for title, part in re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", page, re.M | re.S)}
    assert counts["squawk"] >= 38 and counts["eugene"] == 15 and counts["strong_migrations"] >= 22


# ---- what silences it --------------------------------------------------------------------------


def test_ignored_with_a_reason(plain):
    plain.migration(1, "a", "-- godwit: ignore table_without_primary_key a log, read by nobody\nCREATE TABLE a (x int);",
                    "DROP TABLE a;")
    done = plain.godwit("lint", "--json", code=0).json
    assert not done["findings"] and done["ignored"] == 1
    # and it is no obstacle to a run
    plain.godwit("up", "--dry-run", url="host=/nowhere", env={"GODWIT_CONNECT_TIMEOUT": "1s"}, code=4)


def test_configured(plain):
    plain.migration(1, "a", "CREATE TABLE a (x int, y varchar(3));", "DROP TABLE a;")
    config = {"project": "shop", "migrations": "migrations", "environments": {"dev": {"url": "embedded"}}}
    plain.config({**config, "lint": {"severity": {"table_without_primary_key": "error", "varchar_length": "note"}}})
    done = plain.godwit("lint", "--json", code=3).json
    assert {(f["rule"], f["severity"]) for f in done["findings"]} == \
        {("table_without_primary_key", "error"), ("varchar_length", "note")}
    plain.config({**config, "lint": {"ignore": ["table_without_primary_key"]}})
    assert not plain.godwit("lint", "--json", code=0).json["findings"]
    plain.config({**config, "lint": {"ignore": ["table_without_primary_kei"]}})
    done = plain.godwit("lint", code=2)
    assert 'did you mean "table_without_primary_key"?' in done.err and "godwit.yaml" in done.err


def test_the_target_version(plain):
    plain.migration(1, "a", "MERGE INTO a USING b ON a.x = b.x WHEN MATCHED THEN DELETE;\nCREAT TABLE c ();", "SELECT 1;")
    config = "project: shop\nenvironments: {{ dev: {{ url: embedded }} }}\nlint: {{ target_version: {} }}\n"
    plain.config(config.format(14))
    assert {"newer_version_needed", "syntax_error"} <= set(rules(plain.godwit("lint", "--json", code=3)))
    plain.config(config.format(18))
    found = set(rules(plain.godwit("lint", "--json", code=0)))
    assert "unread_statement" in found and not {"newer_version_needed", "syntax_error"} & found
    plain.config(config.format(11))
    assert "a major version of PostgreSQL, from 12" in plain.godwit("lint", code=2).err


# ---- real texts ---------------------------------------------------------------------------------


def test_the_four_defects_of_kembridge(godwit, tmp_path):
    """The SQL of KEMBridge's schema document, block by block in its order."""
    text = (DATA / "kembridge/schema.md").read_text()
    blocks = re.findall(r"^```sql\n(.*?)^```", text, re.M | re.S)
    assert len(blocks) == 8
    for number, block in enumerate(blocks, 1):
        (tmp_path / f"{number:03}_block.sql").write_text(block)
    findings = godwit("lint", "--json", ".", cwd=tmp_path, code=3).json["findings"]
    errors = [(f["rule"], f["file"].split("/")[-1], f["line"]) for f in findings if f["severity"] == "error"]
    assert errors == [("unknown_extension", "001_block.sql", 3),
                      ("function_used_before_created", "002_block.sql", 24),
                      ("function_used_before_created", "003_block.sql", 32),
                      ("table_used_before_created", "005_block.sql", 23),
                      ("partition_of_plain_table", "007_block.sql", 41)]
    by_rule = {f["rule"]: f for f in findings}
    assert by_rule["unknown_extension"]["hint"] == 'Did you mean "pgcrypto"?'
    assert "quantum_keys" in by_rule["table_used_before_created"]["message"]
    assert "audit_logs" in by_rule["partition_of_plain_table"]["message"]
    names = {re.search(r"function (\w+)", f["message"])[1] for f in findings if f["rule"] == "function_used_before_created"}
    assert names == {"update_timestamp", "update_last_used_timestamp"}


@pytest.mark.parametrize("folder, config", [("ledgerflow", "godwit.yaml"), ("ledgerflow", "godwit.services.yaml"),
                                            ("kembridge", "godwit.yaml"), ("sita-minter", "godwit.yaml"), ("clinic", "godwit.yaml"),
                                            ("xcm-monitor", "godwit.yaml"),
                                            ("service-c", "godwit.yaml")])
def test_the_examples_lint_clean(godwit, folder, config):
    done = godwit("--config", config, "lint", "--json", cwd=ROOT / "examples" / folder, code=0).json
    assert not done["findings"] and done["files"] > 2


def test_a_thousand_files(plain):
    for i in range(1, 1001):
        plain.write(f"migrations/{i}_t.sql", f"CREATE TABLE t{i} (\n    id bigint PRIMARY KEY,\n    parent bigint REFERENCES t{max(1, i - 1)},\n"
                    f"    state text NOT NULL CHECK (state IN ('a', 'b'))\n);\nCREATE INDEX ON t{i} (parent);\n")
    plain.config("project: shop\nenvironments: { dev: { url: embedded } }\nlint: { ignore: [down_missing] }\n")
    done = plain.godwit("lint", "--json", code=0)
    assert done.json["statements"] == 2000 and not done.json["findings"]
