"""dump: the schema as text that makes it again, and as JSON."""
import threading

OBJECTS = """
CREATE SCHEMA "we ""quoted"" é";
CREATE TYPE "we ""quoted"" é"."select" AS ENUM ('a', 'b''c', 'ü "x"');
CREATE TABLE "we ""quoted"" é"."Order" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    s "we ""quoted"" é"."select" NOT NULL DEFAULT 'a', n numeric(10,2) CHECK (n > 0));
CREATE TABLE t (id int REFERENCES "we ""quoted"" é"."Order" ON DELETE CASCADE, "%s" text);
CREATE INDEX "i %d" ON t ("%s" DESC) WHERE id > 1;
CREATE VIEW v AS SELECT o.*, t."%s" FROM t JOIN "we ""quoted"" é"."Order" o USING (id);
CREATE FUNCTION f(x int DEFAULT 1) RETURNS int LANGUAGE sql AS 'SELECT x + 1';
CREATE TRIGGER tr BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
COMMENT ON TABLE t IS E'two\\nlines; and -- a comment';
"""


def test_what_is_dumped_makes_it_again(project, database, make_database):
    database.execute(OBJECTS)
    text = project.godwit("dump", code=0).out
    other = make_database()
    other.execute(text)
    assert project.godwit("dump", url=other.url, code=0).out == text
    project.write("dump.sql", text)
    assert project.godwit("diff", "--from", "dump.sql", "--to", "database", code=0).out == ""


def test_ddl_of_others_meanwhile(project, database):
    stop = threading.Event()

    def churn():
        with database.connect() as connection:
            cursor = connection.cursor()
            while not stop.is_set():
                cursor.execute("CREATE TABLE churned (id int CHECK (id > 0), UNIQUE (id)); CREATE VIEW churning AS SELECT * FROM churned")
                cursor.execute("CREATE FUNCTION churner() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'")
                cursor.execute("CREATE TRIGGER churner BEFORE INSERT ON churned FOR EACH ROW EXECUTE FUNCTION churner()")
                cursor.execute("CREATE INDEX ON churned ((id + 1)); CREATE STATISTICS churned_s (ndistinct) ON id, (id + 1) FROM churned"
                               if database.server.major >= 14 else "CREATE INDEX ON churned ((id + 1))")
                cursor.execute("DROP VIEW churning; DROP TABLE churned; DROP FUNCTION churner")

    database.execute("CREATE TABLE stays (id int)")
    thread = threading.Thread(target=churn)
    thread.start()
    try:
        for _ in range(15):
            assert "CREATE TABLE public.stays" in project.godwit("dump", code=0).out
    finally:
        stop.set()
        thread.join()


def test_an_empty_database_has_an_empty_dump(project):
    assert "CREATE" not in project.godwit("dump", code=0).out


def test_what_belongs_to_godwit_is_not_in_it(project):
    project.migration(1, "one", "CREATE TABLE mine (id int);")
    project.godwit("up", code=0)
    text = project.godwit("dump", code=0).out
    assert "CREATE TABLE public.mine" in text and "godwit." not in text


def test_json(project, database):
    database.execute("CREATE TABLE t (id int)")
    for words in (["--json"], ["--format", "json"]):
        document = project.godwit("dump", *words, code=0).json
        table, = [o for o in document["objects"] if o["kind"] == "table"]
        assert table["identity"] == "public.t"
        assert document["server_version"] >= 12
