"""sync analyze, sync detect: what there is on both sides, what has changed, by which method, and what is refused."""
import pytest

from harness.sync import summarizing
from harness.waiting import until

TABLE = "CREATE TABLE s (id int PRIMARY KEY, x text, n int)"


@pytest.fixture
def one(sides):
    """One entity, registered: 500 rows in the source, an empty destination."""
    sides.tables(TABLE + "; INSERT INTO s SELECT i, 'row ' || i, i FROM generate_series(1, 500) i",
                 TABLE.replace("s (", "d ("))
    sides.map("a", "x", "n", source="s", destination="d", rest="identity: keep\ndeletes: delete\n")
    sides.register()
    return sides


def test_counts_of_both_sides(one):
    said = one.sync("analyze")
    assert said["entities"] == [{"entity": "a", "status": "missing", "source_count": 500, "destination_count": 0,
                                 "id_map_count": None, "applied_count": 0, "rejected_count": 0}]
    stored = one.new.execute("SELECT kind, source_record_count, method FROM godwit.differential_analysis_results"
                             " WHERE analysis_group = %s", [said["analysis"]])
    assert stored == [("baseline", 500, None)]
    for rows, status in ((499, "behind"), (500, "synced"), (501, "ahead")):
        one.new.execute("TRUNCATE d; INSERT INTO d SELECT i FROM generate_series(1, %s) i", [rows])
        assert one.sync("analyze")["entities"][0]["status"] == status
    assert "synced" not in one.godwit("sync", "analyze", code=0).out


def test_the_first_detection_is_everything(one):
    said = one.sync("detect")
    entity = said["entities"][0]
    assert (entity["new"], entity["modified"], entity["deleted"], entity["source_count"]) == (500, 0, 0, 500)
    assert entity["first"] and entity["destination_count"] == 0 and float(entity["change_percentage"]) == 100
    ranges = one.new.value("SELECT ranges FROM godwit.differential_analysis_records")
    assert [(r["kind"], r["count"]) for r in ranges] == [("n", 500)]
    assert "every row is new" in one.godwit("sync", "detect", code=0).out


@pytest.mark.parametrize("words, code, said", [
    (["--method", "replication"], 5, "by replication yet"),
    (["--method", "timestamp"], 5, "nobody has said that the server sets"),
    (["--method", "magic"], 2, "magic"),
    (["--method", "checksum", "--since", "2h"], 2, "--since goes with"),
    (["--since", "soon", "--method", "timestamp"], 2, "--since takes a time"),
    (["--max-deletes", "lots"], 2, "takes percent"),
    (["b"], 2, 'no active mapping is of an entity "b"'),
])
def test_what_is_refused(one, words, code, said):
    result = one.godwit("sync", "detect", *words, code=code)
    assert said in result.err


def test_a_changed_side_stops_its_entity_with_the_difference(one):
    one.tables("CREATE TABLE s2 (id int PRIMARY KEY)", "CREATE TABLE d2 (id int PRIMARY KEY)")
    one.map("b", "id", source="s2", destination="d2", rest="identity: keep\n")
    one.godwit("sync", "mapping", "register", code=0)
    one.old.execute("ALTER TABLE s DROP COLUMN n")
    result = one.godwit("sync", "detect", "--json", code=1)
    assert "a is stopped" in result.json["error"]["message"]
    assert "source: column n is gone" in result.json["error"]["detail"]
    entities = {e["entity"]: e for e in result.json["entities"]}
    assert entities["b"]["new"] == 0 and entities["a"]["differences"] == ["source: column n is gone"]


def test_the_source_is_not_the_destination(one):
    one.settings(source=one.new.url)
    assert "the source is the destination" in one.godwit("sync", "detect", code=5).err
    one.settings(source="mariadb://localhost/x")
    assert "MariaDB" in one.godwit("sync", "detect", code=5).err


def found(sides, *words, code=0):
    """(new, modified, deleted) of the one entity."""
    entity = sides.sync("detect", *words, code=code)["entities"][0]
    return entity["new"], entity["modified"], entity["deleted"]


def test_changes_of_every_kind_are_found_and_stored_by_key(one):
    one.old.execute("UPDATE s SET x = NULL WHERE id = 1; UPDATE s SET x = '' WHERE id = 2")
    one.sync("run")
    assert found(one) == (0, 0, 0)
    one.old.execute("UPDATE s SET x = '' WHERE id = 1; UPDATE s SET x = NULL WHERE id = 2;"  # NULL is no empty text
                    "UPDATE s SET x = n::text, n = 3 WHERE id = 3; UPDATE s SET n = n WHERE id BETWEEN 50 AND 60;"
                    "INSERT INTO s VALUES (-7, 'a,\"\\', NULL), (501, 'row 5', 5); DELETE FROM s WHERE id IN (10, 11)")
    said = one.sync("detect", "--method", "checksum")
    entity = said["entities"][0]
    assert (entity["new"], entity["modified"], entity["deleted"]) == (2, 3, 2)
    assert (entity["source_count"], entity["destination_count"], entity["total_changes"]) == (500, 500, 5)
    assert entity["estimated_ms"] is not None
    records = one.new.execute("SELECT new_records, modified_records, deleted_records FROM godwit.differential_analysis_records"
                              " JOIN godwit.differential_analysis_results USING (id) WHERE analysis_group = %s", [said["analysis"]])
    assert [sorted(keys) for keys in records[0]] == [["-7", "501"], ["1", "2", "3"], ["10", "11"]]
    assert one.rows(columns="count(*)") == [(500,)], "detection applies nothing"
    assert one.sync("detect", "--since", "2h", code=5)["error"]["message"].startswith("what has changed of a since")
    new = int(one.old.value("SHOW server_version_num")) >= 170000
    refused = one.godwit("sync", "detect", "--method", "blocks", code=5).err
    assert ("summarize_wal" if new else "older than PostgreSQL 17") in refused


def test_rows_that_swap_their_values_are_found(one):
    """On either side: a sum over rows must not be a sum over columns."""
    one.sync("run")
    swap = "UPDATE {0} SET x = (SELECT o.x FROM {0} o WHERE o.id = 501 - {0}.id)"
    one.old.execute(swap.format("s"))
    assert one.sync("detect")["entities"][0]["modified"] == 500
    one.sync("run")
    one.both("SELECT id, x, n FROM s ORDER BY 1", "SELECT id, x, n FROM d ORDER BY 1")
    one.new.execute(swap.format("d") + " WHERE id IN (1, 500)")
    assert one.sync("verify", code=3)["entities"][0]["different"] == 2


def test_more_deletions_than_allowed_are_refused_and_printed(one):
    one.sync("run")
    one.old.execute("DELETE FROM s WHERE id <= 60")
    said = one.sync("detect", code=5)
    assert said["entities"][0]["deleted"] == 60 and said["entities"][0]["too_many_deletes"]
    assert "--max-deletes" in said["error"]["hint"]
    assert found(one, "--max-deletes", "12%") == (0, 0, 60)
    one.old.execute("TRUNCATE s")
    assert one.sync("detect", code=5)["entities"][0]["deleted"] == 500


def test_time_tells_what_the_server_stamps(one):
    one.tables("ALTER TABLE s ADD at timestamptz DEFAULT now() - interval '1 day'; CREATE INDEX ON s (at)", "SELECT 1")
    one.map("a", "x", "n", source="{table: s, key: id, changed_at: {column: at, set_by: server}}", destination="d",
            rest="identity: keep\ndeletes: ignore\n", version="1.0.1")
    one.register()
    one.sync("run")
    one.old.execute("UPDATE s SET x = 'late', at = now() WHERE id = 5; UPDATE s SET x = 'unstamped' WHERE id = 6;"
                    "INSERT INTO s VALUES (900, 'new', 1, now()); UPDATE s SET at = now() WHERE id = 7")
    assert found(one, "--method", "timestamp") == (1, 1, 0)
    assert found(one, "--since", "1h") == (1, 1, 0)
    assert found(one, "--method", "checksum") == (1, 2, 0)
    auto = one.sync("detect")["entities"][0]
    assert auto["method"] == "timestamp" and "sets \"at\" on every write" in auto["why"]


def test_a_function_that_is_replaced_changes_rows_that_nobody_wrote(sides):
    """Its own body, or what that goes through: by name, by the catalog, as an operator."""
    atomic = sides.old.value("SELECT current_setting('server_version_num')::int >= 140000")
    sides.tables(f"""CREATE TABLE s (id int PRIMARY KEY, x text, at timestamptz DEFAULT now() - interval '1 day'); CREATE INDEX ON s (at);
        INSERT INTO s SELECT i, 'X ' || i FROM generate_series(1, 50) i;
        CREATE FUNCTION inner_one(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT lower($1)';
        CREATE FUNCTION "Tidy me"(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN public.INNER_ONE($1); END';
        CREATE FUNCTION below(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1';
        CREATE FUNCTION plus(text, text) RETURNS text IMMUTABLE LANGUAGE sql
            {"BEGIN ATOMIC SELECT $1 || below($2); END" if atomic else "AS 'SELECT $1 || below($2)'"};
        CREATE OPERATOR @+@ (leftarg = text, rightarg = text, procedure = plus);
        CREATE FUNCTION apart(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1'""",
                 "CREATE TABLE d (id int PRIMARY KEY, x text)")
    sides.map("a", "{to: x, sql: '\"Tidy me\"(x) @+@ chr(46)'}", destination="d",
              source="{table: s, key: id, changed_at: {column: at, set_by: server}}")
    sides.register()
    sides.sync("run")

    def replaced(head, body):
        sides.old.execute(f"CREATE OR REPLACE FUNCTION {head}(text) RETURNS text IMMUTABLE LANGUAGE sql AS '{body}'")

    def refused():
        return "or a function that it goes through" in sides.godwit("sync", "detect", "--method", "timestamp", code=5).err

    replaced("apart", "SELECT NULL::text")
    assert found(sides, "--method", "timestamp") == (0, 0, 0)
    replaced("inner_one", "SELECT upper($1)")
    assert refused()
    replaced("inner_one", "SELECT lower($1)")
    assert found(sides, "--method", "timestamp") == (0, 0, 0)
    replaced("below", "SELECT $1 || ''!''")
    assert refused()
    (auto,) = sides.sync("run")["entities"]
    assert auto["modified"] == 50
    sides.both("SELECT lower(x) || '.!' FROM s ORDER BY id", "SELECT x FROM d ORDER BY id")
    assert found(sides, "--method", "timestamp") == (0, 0, 0)


def test_a_later_mapping_brings_every_row_again(one):
    one.sync("run")
    one.map("a", "x", "n", source="s", destination="d", rest="identity: keep\ndeletes: ignore\n", version="1.1.0")
    one.register()
    assert found(one) == (0, 500, 0)
    one.sync("run")
    assert found(one) == (0, 0, 0)


def test_the_log_names_the_blocks_that_changed(one):
    if int(one.old.value("SHOW server_version_num")) < 170000:
        pytest.skip("needs PostgreSQL 17")
    with summarizing(one.old) as summarized:
        the_log_names_the_blocks(one, summarized)


def the_log_names_the_blocks(one, summarized):
    one.old.execute("INSERT INTO s SELECT i, repeat('x', 200), i FROM generate_series(1001, 6000) i")
    summarized()
    one.sync("run")
    one.old.execute("UPDATE s SET n = -1 WHERE id = 77; DELETE FROM s WHERE id = 5000; INSERT INTO s VALUES (7000, 'y', 1)")
    summarized()
    entity = one.sync("detect", "--method", "blocks")["entities"][0]
    assert (entity["method"], entity["new"], entity["modified"], entity["deleted"]) == ("blocks", 1, 1, 1), entity
    assert entity["source_count"] == 5500
    one.old.execute("UPDATE s SET n = -1 WHERE id = 78")  # behind the last summary, which has no end of its own
    assert one.sync("detect")["entities"][0]["modified"] == 2
    one.old.execute("VACUUM FULL s")
    refused = one.godwit("sync", "detect", "--method", "blocks", code=5).err
    assert "rewritten or truncated" in refused
    entity = one.sync("detect")["entities"][0]
    assert (entity["method"], entity["new"], entity["modified"], entity["deleted"]) == ("checksum", 1, 2, 1), entity
    assert "rewritten or truncated" in entity["why"]


def test_select_is_all_that_detection_needs(one):
    one.sync("run")
    one.old.execute("UPDATE s SET n = -1 WHERE id = 77")
    reader = one.old.role("GRANT SELECT ON s TO {role}")
    one.settings(source=one.old.url_for(reader))
    assert found(one) == (0, 1, 0)


@pytest.mark.slow
def test_a_replica_will_do_for_checksums(replicated_server, make_sides):
    primary, replica = replicated_server
    sides = make_sides(source=primary, destination=primary)
    sides.tables(TABLE + "; INSERT INTO s SELECT i, 'row ' || i, i FROM generate_series(1, 500) i",
                 TABLE.replace("s (", "d ("))
    sides.map("a", "x", "n", source="s", destination="d", rest="identity: keep\ndeletes: delete\n")
    sides.register()
    sides.sync("run")
    sides.old.execute("UPDATE s SET n = -1 WHERE id = 77; DELETE FROM s WHERE id = 5")
    sides.settings(source=replica.url(sides.old.name))
    until(lambda: found(sides) == (0, 1, 1))
    refused = sides.godwit("sync", "detect", "--method", "blocks", code=5).err
    new = int(sides.old.value("SHOW server_version_num")) >= 170000
    assert ("the source is a standby" if new else "the source is older than PostgreSQL 17") in refused
