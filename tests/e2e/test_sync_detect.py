"""sync analyze, sync detect: what there is on both sides, what has changed, by which method, and what is refused."""
import pytest

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
