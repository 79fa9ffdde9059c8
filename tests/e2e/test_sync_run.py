"""Rows move: the first load, changes, what is rejected; killed, paused, cancelled, and on from there."""
OLD = """
CREATE TABLE doctor (id int PRIMARY KEY, name text NOT NULL, updated_at timestamptz DEFAULT now());
CREATE TABLE patient (id int PRIMARY KEY, doctor_id int REFERENCES doctor, email text, born date);
INSERT INTO doctor SELECT i, 'Dr ' || i FROM generate_series(1, 50) i;
INSERT INTO patient SELECT i, 1 + i % 50, 'P' || i || '@Example.com', date '1950-01-01' + i FROM generate_series(1, 3000) i;
"""
NEW = """
CREATE TABLE doctors (id uuid PRIMARY KEY, legacy_id int UNIQUE, name text NOT NULL);
CREATE TABLE patients (id uuid PRIMARY KEY, legacy_id int UNIQUE, doctor_id uuid NOT NULL REFERENCES doctors, email text UNIQUE,
                       born date);
"""
JOINED_NEW = """SELECT p.legacy_id, d.legacy_id, p.email, p.born FROM patients p JOIN doctors d ON d.id = p.doctor_id ORDER BY 1"""
JOINED_OLD = """SELECT id, doctor_id, lower(email), born FROM patient ORDER BY 1"""


def clinic(sides):
    sides.tables(OLD, NEW)
    sides.map("doctors", "{from: id, to: legacy_id}", "name", source="doctor", rest="identity: uuid-v7\ndeletes: delete\n")
    sides.map("patients", "{from: id, to: legacy_id}", "{from: doctor_id, to: doctor_id, reference: doctors}",
              "{to: email, sql: 'lower(email)'}", "born", source="patient", rest="identity: uuid-v7\ndeletes: delete\n")
    sides.register()
    return sides


def by_entity(said):
    return {e["entity"]: (e["processed"], e["rejected"], e["remaining"]) for e in said["entities"]}


def test_a_first_load_then_changes(sides):
    clinic(sides)
    said = sides.sync("run")
    assert said["status"] == "completed"
    assert by_entity(said) == {"doctors": (50, 0, 0), "patients": (3000, 0, 0)}
    sides.both(JOINED_OLD, JOINED_NEW)
    ids = sides.rows("patients", "legacy_id, id")
    assert by_entity(sides.sync("run")) == {"doctors": (0, 0, 0), "patients": (0, 0, 0)}
    sides.old.execute("""UPDATE patient SET email = 'New@Example.com' WHERE id = 7; DELETE FROM patient WHERE id = 8;
        INSERT INTO doctor VALUES (51, 'Dr 51'); INSERT INTO patient VALUES (3001, 51, 'x', NULL)""")
    assert by_entity(sides.sync("run")) == {"doctors": (1, 0, 0), "patients": (3, 0, 0)}
    sides.both(JOINED_OLD, JOINED_NEW)
    assert [r for r in sides.rows("patients", "legacy_id, id") if r[0] < 3000] == [r for r in ids if r[0] not in (8, 3000)]
    assert sides.counts("patients") == (3000, 0, 3000)


def test_rejected_rows_do_not_stop_the_others_and_come_again(sides):
    sides.tables("CREATE TABLE s (id int PRIMARY KEY, x int, d text); INSERT INTO s SELECT i, i, '2020-01-01' FROM generate_series(1, 1000) i;"
                 "UPDATE s SET x = -1 WHERE id = 500; UPDATE s SET d = '2021-02-30' WHERE id = 7",
                 "CREATE TABLE d (id int PRIMARY KEY, x int CHECK (x > 0), d date)")
    sides.map("a", "x", "d", source="s", destination="d")
    sides.register()
    said = sides.sync("run", code=3)
    assert said["status"] == "completed" and by_entity(said) == {"a": (998, 2, 0)}
    assert sides.rejects() == [("500", "server", "23514"), ("7", "server", "22008")]
    sides.old.execute("UPDATE s SET x = 1, d = '2021-02-28' WHERE id IN (7, 500)")
    assert by_entity(sides.sync("run")) == {"a": (2, 0, 0)}
    assert sides.rejects() == [] and sides.counts("a") == (1000, 0, 0)
