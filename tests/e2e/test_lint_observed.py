"""lint --observe: what the server does with the pending files on a shadow, as findings."""
import json

import jsonschema
import pytest

from test_lint import SARIF, SEEN

TABLES = "CREATE TABLE orders (id bigint PRIMARY KEY, amount int, state text); CREATE TABLE accounts (id bigint PRIMARY KEY)"
# rule → (a file in which it is found, the line, a near miss)
CASES = {
    "table_rewrite": ("SELECT 1;\nALTER TABLE orders ALTER amount TYPE bigint;", 2, "ALTER TABLE orders ALTER state TYPE varchar;"),
    "full_scan": ("ALTER TABLE orders ADD CHECK (amount > 0);", 1, "ALTER TABLE orders ADD CHECK (amount > 0) NOT VALID;"),
    "lock_kept": ("ALTER TABLE orders ADD COLUMN n int;\nINSERT INTO accounts VALUES (1);", 1,
                  "INSERT INTO accounts VALUES (1);\nALTER TABLE orders ADD COLUMN n int;"),
    "needs_rows": ("DO $$ BEGIN IF NOT EXISTS (SELECT FROM accounts) THEN RAISE 'no rows'; END IF; END $$;", 1,
                   "SELECT count(*) FROM accounts;"),
    "not_tried": ("ALTER SYSTEM SET work_mem = '5MB';", 1, "SET work_mem = '5MB';"),
}


def found(done, rule):
    return [f for f in done.json["findings"] if f["rule"] == rule]


def test_every_rule_that_is_seen_has_a_case(godwit, tmp_path):
    groups = godwit("lint", "--list", "--json", cwd=tmp_path, code=0).json["rules"]
    assert {r["rule"] for r in groups if r["group"] == "Seen while it runs"} == set(CASES) == SEEN


@pytest.mark.parametrize("rule", CASES)
def test_seen(rule, project, database):
    if rule == "full_scan" and database.server.major < 15:
        pytest.skip("a fenced server of before 15 counts no scans, and plan says so (test_plan.py)")
    database.execute(TABLES)
    bad, line, good = CASES[rule]
    if rule == "not_tried":
        bad, good = "-- godwit: no-transaction\n" + bad, good
        line += 1
    project.migration(1, "one", bad, "SELECT 1;")
    finding, = found(project.godwit("lint", "--observe", "--json"), rule)
    assert (finding["file"], finding["line"]) == ("migrations/1_one.up.sql", line)
    assert finding["hint"]
    assert not found(project.godwit("lint", "--json"), rule), "without looking nothing is seen"
    project.migration(1, "one", good, "SELECT 1;")
    assert not found(project.godwit("lint", "--observe", "--json"), rule)


def test_silenced_configured_and_printed_as_all_others(project, database):
    database.execute(TABLES)
    text = "ALTER TABLE orders ALTER amount TYPE bigint;"
    project.migration(1, "one", "-- godwit: ignore table_rewrite at night\n" + text, "SELECT 1;")
    done = project.godwit("lint", "--observe", "--json")
    assert not found(done, "table_rewrite") and not found(done, "ignore_unused") and done.json["ignored"] >= 1
    # who does not look cannot say that it silences nothing
    assert not found(project.godwit("lint", "--json"), "ignore_unused")
    project.migration(1, "one", "-- godwit: ignore table_rewrite at night\nSELECT 1;", "SELECT 1;")
    assert found(project.godwit("lint", "--observe", "--json"), "ignore_unused")
    project.migration(1, "one", text, "SELECT 1;")
    project.write("godwit.yaml", project.read("godwit.yaml") + "lint: { severity: { table_rewrite: note } }\n")
    assert found(project.godwit("lint", "--observe", "--json"), "table_rewrite")[0]["severity"] == "note"
    document = project.godwit("lint", "--observe", "--format", "sarif").json
    jsonschema.Draft4Validator(json.loads(SARIF.read_text())).validate(document)
    assert "table_rewrite" in {r["ruleId"] for r in document["runs"][0]["results"]}


def test_only_what_is_pending_runs_and_the_target_stays(project, database):
    database.execute(TABLES)
    project.migration(1, "one", "ALTER TABLE orders ALTER amount TYPE bigint;", "SELECT 1;")
    project.godwit("up", code=0)
    project.migration(2, "two", "ALTER TABLE orders ADD COLUMN n int; SELECT 1;", "SELECT 1;")
    done = project.godwit("lint", "--observe", "--json")
    assert not found(done, "table_rewrite") and found(done, "lock_kept")
    assert "n" not in database.columns("orders")
    project.migration(2, "two", "ALTER TABLE nowhere ADD COLUMN n int;", "SELECT 1;")
    assert "nowhere" in project.godwit("lint", "--observe", code=1).err
