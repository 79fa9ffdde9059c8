"""A new enum value in the transaction that adds it: what PostgreSQL refuses is said first, nothing else is."""
import pytest

ADD = "ALTER TYPE mood ADD VALUE 'great';\n"
TABLES = """
CREATE TYPE mood AS ENUM ('bad', 'good');
CREATE TABLE moods (m mood, great text, note text DEFAULT '');
CREATE DOMAIN state AS mood;
CREATE TABLE states (id int, gone int, s state);
ALTER TABLE states DROP COLUMN gone;
CREATE TABLE log (word text, m mood);
"""

FINE = {
    "a comment": "/* 'great' */ INSERT INTO moods (note) VALUES ('x'); -- 'great'\n",
    "a text column": "INSERT INTO moods (note) VALUES ('great');\n",
    "a text column by its place": "INSERT INTO log VALUES ('great', 'good');\n",
    "rows of a select": "INSERT INTO log (m, word) SELECT m, 'great' FROM moods;\n",
    "an update": "UPDATE moods SET note = 'great' WHERE m = 'good';\n",
    "a condition on text": "DELETE FROM log WHERE word IN ('great', 'x');\n",
    "a column named alike": "INSERT INTO moods (great) VALUES ('great');\n",
    "a cast to another type": "INSERT INTO moods (note) SELECT 'great'::text;\n",
    "a function's argument": "INSERT INTO moods (note) VALUES (upper('great'));\n",
    "a comment on a table": "COMMENT ON TABLE moods IS 'great';\n",
    "a default of text": "ALTER TABLE moods ALTER note SET DEFAULT 'great';\n",
    "a new text column": "ALTER TABLE moods ADD what text DEFAULT 'great';\n",
    "a table of this file": "CREATE TABLE mine (w text);\nINSERT INTO mine VALUES ('great');\n",
    "a list": "SELECT 1 WHERE 'great' = ANY (ARRAY['great', 'x']);\n",
}
USES = {
    "a value": "INSERT INTO moods (m) VALUES ('great');\n",
    "a value by its place": "INSERT INTO moods VALUES ('great');\n",
    "the second of two rows": "INSERT INTO log VALUES ('great', 'good'), ('x', 'great');\n",
    "a place behind a column that was dropped": "INSERT INTO states VALUES (1, 'great');\n",
    "rows of a select": "INSERT INTO log (word, m) SELECT 'x', 'great';\n",
    "an update": "UPDATE moods SET m = 'great';\n",
    "an upsert": "CREATE UNIQUE INDEX ON log (word);\nINSERT INTO log VALUES ('a', 'good') ON CONFLICT (word)"
                 " DO UPDATE SET m = 'great';\n",
    "a condition": "DELETE FROM moods WHERE m = 'great';\n",
    "a list": "DELETE FROM moods WHERE m IN ('good', 'great');\n",
    "a cast": "SELECT 'great'::mood;\n",
    "a default": "ALTER TABLE moods ALTER m SET DEFAULT 'great';\n",
    "a new column": "ALTER TABLE log ADD x mood DEFAULT 'great';\n",
    "a new table": "CREATE TABLE mine (x int, m mood DEFAULT 'great');\n",
    "a table of this file": "CREATE TABLE mine (x int, m mood);\nINSERT INTO mine VALUES (1, 'great');\n",
}


@pytest.fixture
def moods(project, database):
    database.execute(TABLES)
    project.migration(1, "before", "CREATE TABLE before (id int);")
    return project


@pytest.mark.parametrize("what", FINE)
def test_what_only_looks_like_a_use_runs(what, moods):
    moods.migration(2, "both", ADD + FINE[what])
    moods.godwit("up", code=0)


@pytest.mark.parametrize("what", USES)
def test_a_use_is_refused_before_anything_runs(what, moods, database):
    moods.migration(2, "both", ADD + USES[what])
    refused = moods.godwit("up", code=1)
    assert "enum value 'great' is used" in refused.err and "no-transaction" in refused.err, refused
    assert "before" not in database.tables()


def test_a_use_that_no_text_shows_is_explained(moods, database):
    database.execute("CREATE FUNCTION cheer() RETURNS void LANGUAGE plpgsql AS"
                     " $$ BEGIN INSERT INTO moods (m) VALUES (('gre' || 'at')::mood); END $$")
    moods.migration(2, "both", ADD + "SELECT cheer();\n")
    failed = moods.godwit("up", code=1)
    assert "2_both.up.sql:2:1" in failed.err and "55P04" in failed.err, failed
    assert "next migration" in failed.err and "-- godwit: no-transaction" in failed.err
    assert database.value("SELECT count(*) FROM pg_enum WHERE enumlabel = 'great'") == 0
    moods.migration(2, "both", "-- godwit: no-transaction\n" + ADD + "SELECT cheer();\n")
    moods.godwit("up", code=0)
