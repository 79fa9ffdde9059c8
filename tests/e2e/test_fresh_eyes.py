"""What a person met who used Godwit for the first time."""
import pytest

COPY_OUT = [
    "COPY (SELECT 1) TO STDOUT",
    "CREATE TABLE a (x int);\nCOPY a TO stdout WITH (FORMAT csv)",
    "-- godwit: no-transaction\nCREATE TABLE a (x int);\nCOPY a TO stdout",
]


@pytest.mark.parametrize("sql", COPY_OUT)
def test_copy_to_stdout_is_refused_before_anything_runs(project, database, sql):
    project.migration(1, "before", "CREATE TABLE before ();")
    project.migration(2, "copy", sql + ";")
    line = sql.count("\n") + 1
    result = project.godwit("up", code=1, timeout=60)
    assert "COPY … TO STDOUT has nowhere to go here" in result.err
    assert f"2_copy.up.sql:{line}:1" in result.err
    assert database.tables() == []


def test_protected_by_another_environments_url_says_whose(bare_project, database):
    bare_project.config(f"""
default: dev
environments:
  dev: {{ url: "{database.url}" }}
  prod: {{ url: "{database.url}", protected: true }}
""")
    bare_project.migration(1, "a", "CREATE TABLE a ();")
    result = bare_project.godwit("up", code=5)
    assert "environment prod is protected" in result.err
    assert "environment dev is at the same URL" in result.err
