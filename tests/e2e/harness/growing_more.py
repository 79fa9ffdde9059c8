"""More steps of growing.py: types and what is made of them, expressions of many shapes, text search,
foreign data, and the comments and privileges of everything."""
from .sqltext import ident, literal

# Expressions over a column c: what the server writes of them, it has to read again as the same.
SHAPES = {
    "text": ["{c} IN ('a', 'b''c')", "{c} <> ALL (ARRAY['x', 'y'])", "{c} LIKE 'a%' OR {c} ~ '^b'", "{c} = ANY ('{{a,b}}')",
             "NOT ({c} ILIKE '_x' AND length({c}) > 2)", "{c} COLLATE \"C\" > 'm'", "trim({c}) <> ''",
             "{c} SIMILAR TO 'a|b'", "{c} BETWEEN 'a' AND 'z'", "coalesce({c}, 'x') || 'y' <> 'xy'",
             "CASE {c} WHEN 'a' THEN true ELSE {c} IS NOT NULL END", "substring({c} FROM 2 FOR 3) <> 'abc'",
             "position('a' IN {c}) > 0", "{c}::varchar(5) IN ('a', 'b')", "{c} NOT IN ('q', E'\\\\n')"],
    "varchar": ["{c} IN ('a', 'b')", "{c} NOT IN ('a', 'b')", "{c} = 'a'::varchar(3)", "({c})::text IN ('a', 'b')",
                "{c} = ANY (ARRAY['a', NULL])", "{c} IN ('a', 'b') OR {c} IN ('c', 'd')", "lower({c}) IN ('x', 'y')"],
    "character": ["{c} IN ('a', 'b')", "{c} = 'abc'", "{c} <> ALL (ARRAY['a'::char(3), 'b'])", "{c}::text IN ('a', 'b ')"],
    "integer": ["{c} IN (1, 2, -3)", "{c} BETWEEN 1 AND 10", "{c} % 2 = 0", "-{c} > -5", "{c} = ANY ('{{1,2}}'::int[])",
                "({c} + 1) * 2 <> 7", "{c} & 1 = 0", "{c} NOT IN (4, 5::bigint)", "{c} IS DISTINCT FROM 3", "{c} > 1.5",
                "{c}::numeric(5,1) IN (1, 2.5)", "CASE WHEN {c} > 0 THEN {c} < 100 END", "{c} = 2147483647", "{c} > '-7'"],
    "bigint": ["{c} IN (1, 2)", "{c} = 9999999999", "{c} <> ALL (ARRAY[1, 2])", "{c} > -1", "{c}::int IN (1, 2)"],
    "smallint": ["{c} IN (1, 2)", "{c} = ANY (ARRAY[1::smallint, 2])", "{c} IN (1, 2::bigint)", "{c} > -1"],
    "numeric": ["{c} IN (1, 2.5)", "{c} = ANY (ARRAY[1.0, 2])", "{c} > 0.00", "round({c}, 1) <> -1.5", "{c} IN (1, 2)",
                "{c} BETWEEN 0 AND 1e3", "{c} = 'NaN'", "{c} <> ALL ('{{1,2.50}}')", "{c}::int IN (3, 4)"],
    "double": ["{c} IN (1, 2.5)", "{c} > '-Infinity'", "{c} = 1e300", "{c} <> 0.1::real", "-{c} < 3"],
    "real": ["{c} IN (1, 2.5)", "{c} > 0.1", "{c} = ANY (ARRAY[1.5, 2])"],
    "date": ["{c} IN ('2020-01-01', '2021-02-03')", "{c} > DATE '2000-01-01' + 30", "extract(year FROM {c}) > 1999",
             "{c} BETWEEN '2020-01-01' AND '2020-12-31'", "{c} < 'infinity'", "{c} + interval '1 day' > '2020-01-01'"],
    "timestamp": ["{c} > '2020-01-01'", "{c} IN ('2020-01-01 10:00', '2021-01-01')", "{c} + interval '1 mon -2 days' > '2020-01-01'",
                  "date_trunc('day', {c}) = {c}", "{c}::date IN ('2020-01-01', '2020-01-02')", "{c} = ANY ('{{2020-01-01,2020-01-02}}')",
                  "extract(hour FROM {c}) IN (1, 2)", "{c} < '2020-01-01 00:00:00.5'", "{c} AT TIME ZONE 'UTC' IS NOT NULL"],
    "time": ["{c} > '10:00'", "{c} IN ('10:00', '11:00:01')"],
    "interval": ["{c} > '1 day'", "{c} IN ('1 mon', '2 days 03:00')", "{c} = interval '1' hour", "{c} < interval '3 days' * 2"],
    "boolean": ["{c}", "NOT {c}", "{c} IS TRUE", "{c} = true OR {c} IS UNKNOWN", "{c} IN (true, false)"],
    "uuid": ["{c} <> '00000000-0000-0000-0000-000000000000'", "{c}::text IN ('a', 'b')"],
    "jsonb": ["{c} ? 'a'", "{c} ->> 'a' IN ('x', 'y')", "({c} #>> '{{a,b}}') IS NOT NULL", "{c} @> '{{\"a\": 1}}'",
              "jsonb_typeof({c}) IN ('object', 'array')", "({c} -> 'a' ->> 'b')::int IN (1, 2)", "{c} <> '[]'"],
    "bytea": ["octet_length({c}) = 32", "{c} <> '\\x00'", "{c} IN ('\\x01', '\\x02')"],
    "inet": ["{c} << '10.0.0.0/8'", "family({c}) IN (4, 6)", "{c} IN ('1.2.3.4', '::1')"],
    "integer[]": ["{c}[1] IN (1, 2)", "cardinality({c}) < 5", "{c} <> '{{}}'", "1 = ANY ({c})", "{c} @> ARRAY[1]", "{c}[1:2] = '{{1,2}}'"],
    "text[]": ["{c} <@ ARRAY['a', 'b']", "'a' = ANY ({c})", "array_length({c}, 1) > 0", "{c} && '{{x}}'", "{c} = ARRAY['a', 'b']::varchar[]"],
    "money": ["{c} > '1.50'"], "bit": ["{c} = B'101'", "{c} IN ('101', B'001')"], "point": ["{c} <@ box '((0,0),(1,1))'"],
    "int4range": ["{c} @> 3", "NOT isempty({c})", "{c} <> '[1,5)'", "lower({c}) IN (1, 2)"],
    "tsvector": ["{c} @@ 'a & b'"],
}
ANY_SHAPES = ["{c} IS NOT NULL", "num_nonnulls({c}) = 1", "({c} IS NULL) <> false", "ROW({c}, 1) IS NOT NULL", "{c}::text <> ''",
              "coalesce({c}::text, 'x') IN ('x', 'y')", "{c}::varchar IN ('x', 'y')", "{c}::text::char(2) IN ('x', 'y')",
              "pg_column_size({c}) > 1", "{c}::text = ANY (ARRAY['a', 'b']::varchar[])", "{c}::text::name IN ('a', 'b')"]


def shape(rng, column, kind):
    """A condition on a column of the type."""
    words = kind.split("(")[0].split()
    found = SHAPES.get(kind) or (SHAPES.get(words[0]) if "[" not in kind else None) or []
    return rng.choice(found + ANY_SHAPES[:len(found) + 4]).format(c=column)


class MoreSteps:
    """Mixed into growing.Growing, whose choices it uses."""

    def condition(self, relation):
        return shape(self.rng, *self.column(relation))

    def types_of(self, letters):
        return [r[0] for r in self.ask(
            "SELECT format('%%I.%%I', n.nspname, t.typname) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace"
            " LEFT JOIN pg_class c ON c.oid = t.typrelid WHERE t.typtype = ANY ('{%s}') AND t.oid >= 16384"
            " AND coalesce(c.relkind, 'c') = 'c' ORDER BY 1" % letters)]

    def one_of(self, query):
        found = self.ask(query)
        return self.rng.choice(found) if found else None

    def step_check(self):
        table = self.relation()
        return table and (f"ALTER TABLE {table} ADD {self.maybe('CONSTRAINT ' + self.name() + ' ')}"
                          f"CHECK ({self.condition(table)})")

    step_check_2 = step_check

    def step_partial_index(self):
        table = self.relation("r,p,m")
        if not table:
            return None
        column, _ = self.column(table)
        return self.rng.choice([
            f"CREATE INDEX ON {table} ({column}) WHERE {self.condition(table)}",
            f"CREATE INDEX ON {table} (({self.condition(table)}))",
            f"CREATE INDEX ON {table} ({column} COLLATE \"C\" text_pattern_ops)",
            f"CREATE UNIQUE INDEX ON {table} ({column}) NULLS NOT DISTINCT",
            f"CREATE INDEX ON ONLY {table} ({column})"])

    def step_filtering_view(self):
        relation = self.relation("r,p,v")
        if not relation:
            return None
        column, _ = self.column(relation)
        other = self.relation("r,p,v")
        return f"CREATE VIEW {self.new_name()} AS " + self.rng.choice([
            f"SELECT * FROM {relation} WHERE {self.condition(relation)}",
            f"SELECT {column}, count(*) FILTER (WHERE {self.condition(relation)}) AS n FROM {relation} GROUP BY 1",
            f"WITH q AS (SELECT {column} AS c FROM {relation}) SELECT c, row_number() OVER (ORDER BY c::text) AS r FROM q",
            f"SELECT ({self.condition(relation)}) AS yes FROM {relation} UNION SELECT false",
            f"SELECT o.* FROM {relation} r RIGHT JOIN {other} o ON {self.condition(relation).replace(column, 'r.' + column)}",
            f"SELECT * FROM {relation} WHERE {self.condition(relation)} WITH LOCAL CHECK OPTION"])

    step_filtering_view_2 = step_filtering_view

    def step_generated_shape(self):
        table = self.relation("r")
        if not table:
            return None
        stored = self.rng.choice(["STORED", "STORED", "VIRTUAL"])
        return f"ALTER TABLE {table} ADD {self.name()} boolean GENERATED ALWAYS AS ({self.condition(table)}) {stored}"

    def step_default_shape(self):
        table = self.relation()
        return table and f"ALTER TABLE {table} ADD {self.name()} " + self.rng.choice([
            "varchar(9) DEFAULT 'a'::text || 'b'", "numeric(8,2) DEFAULT -1.5", "interval DEFAULT '1 day 02:00'", "char(3) DEFAULT 'x'",
            "int DEFAULT (2 ^ 3)::int", "timestamptz DEFAULT now() + interval '1 hour'", "text DEFAULT current_user",
            "timestamp DEFAULT (now() AT TIME ZONE 'utc')", "text[] DEFAULT '{a,b}'::varchar[]", "jsonb DEFAULT '{\"a\": [1, 2]}'",
            "bigint DEFAULT '5'::smallint", "date DEFAULT '2020-01-01'", "double precision DEFAULT 1e10", "bit(3) DEFAULT B'101'",
            "int4range DEFAULT '[1,5)'", "bytea DEFAULT '\\x00ff'", "boolean DEFAULT 1 = ANY (ARRAY[1, 2])",
            "text DEFAULT CASE WHEN now() > '2020-01-01' THEN 'a' ELSE E'b\\n' END"])

    # ---- types -----------------------------------------------------------------------------------

    def step_domain(self):
        base = self.rng.choice(["int", "text", "varchar(9)", "numeric(8,2)", "date", "timestamptz", "interval", "text[]", "char(3)"])
        kind = {"int": "integer", "varchar(9)": "varchar", "char(3)": "character", "numeric(8,2)": "numeric",
                "timestamptz": "timestamp"}.get(base, base)
        return f"CREATE DOMAIN {self.schema()}.{self.type_name()} AS {base} CHECK ({shape(self.rng, 'VALUE', kind)})"

    def step_change_domain(self):
        found = self.types_of("d")
        if not found:
            return None
        return f"ALTER DOMAIN {self.rng.choice(found)} " + self.rng.choice([
            "SET NOT NULL", "DROP NOT NULL", "SET DEFAULT '1'", "DROP DEFAULT", f"ADD CONSTRAINT {self.name()} CHECK (VALUE IS NOT NULL)",
            "ADD CHECK (length(VALUE::text) < 9) NOT VALID", f"DROP CONSTRAINT {self.name()}", f"RENAME TO {self.type_name()}"])

    def step_change_composite(self):
        found = self.types_of("c")
        if not found:
            return None
        return f"ALTER TYPE {self.rng.choice(found)} " + self.rng.choice([
            f"ADD ATTRIBUTE {self.name()} {self.type()}", "DROP ATTRIBUTE a", "ALTER ATTRIBUTE a TYPE bigint",
            f"RENAME ATTRIBUTE a TO {self.name()} CASCADE", f"ADD ATTRIBUTE {self.name()} {self.type()} CASCADE", "DROP ATTRIBUTE a CASCADE"])

    def step_typed_table(self):
        found = self.types_of("c")
        return found and f"CREATE TABLE {self.new_name()} OF {self.rng.choice(found)}" + self.rng.choice(
            ["", " (PRIMARY KEY (a))", " (a WITH OPTIONS DEFAULT 1 NOT NULL)", " (CHECK (a IS NOT NULL))"])

    def step_not_of(self):
        table, found = self.relation("r"), self.types_of("c")
        return table and self.rng.choice([f"ALTER TABLE {table} NOT OF"] + [f"ALTER TABLE {table} OF {t}" for t in found])

    def step_use_type(self):
        table, found = self.relation(), self.types_of("c,d,e,r")
        if not table or not found:
            return None
        kind = self.rng.choice(found)
        return self.rng.choice([
            f"ALTER TABLE {table} ADD {self.name()} {kind}", f"ALTER TABLE {table} ADD {self.name()} {kind}[]",
            f"CREATE FUNCTION {self.new_name()}(a {kind}) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT a IS NULL'",
            f"CREATE DOMAIN {self.schema()}.{self.type_name()} AS {kind}",
            f"CREATE TYPE {self.schema()}.{self.type_name()} AS (a {kind}, b {kind}[])",
            f"ALTER TABLE {table} ADD CHECK ((NULL::{kind}) IS NULL)"])

    step_use_type_2 = step_use_type

    def step_operator(self):
        found = self.one_of("SELECT p.oid::regproc::text, p.proargtypes[0]::regtype::text FROM pg_proc p WHERE oid >= 16384"
                            " AND pronargs = 1 AND prokind = 'f' AND prorettype <> 'trigger'::regtype ORDER BY 1, 2")
        sign = self.rng.choice(["@@@", "#!", "~>", "!!!"])
        if not found or self.rng.random() < 0.5:
            return (f"CREATE OPERATOR {self.schema()}.{sign} (LEFTARG = int, RIGHTARG = {self.rng.choice(['int', 'bigint'])},"
                    f" FUNCTION = {self.rng.choice(['int4eq', 'int48eq', 'int4pl'])}{self.maybe(', RESTRICT = eqsel')})")
        return f"CREATE OPERATOR {self.schema()}.{sign} (RIGHTARG = {found[1]}, FUNCTION = {found[0]})"

    def step_use_operator(self):
        table = self.relation()
        found = self.one_of("SELECT format('OPERATOR(%s)', oid::regoper) FROM pg_operator WHERE oid >= 16384 AND oprkind = 'b'"
                            " AND oprresult = 'boolean'::regtype ORDER BY 1")
        if not table or not found:
            return None
        return self.rng.choice([f"ALTER TABLE {table} ADD CHECK (1 {found[0]} 2)",
                                f"CREATE VIEW {self.new_name()} AS SELECT 1 {found[0]} 2 AS x FROM {table}"])

    def step_drop_any(self):
        word, query = self.rng.choice([
            ("OPERATOR", "SELECT oid::regoperator::text FROM pg_operator WHERE oid >= 16384"),
            ("COLLATION", "SELECT format('%s.%I', collnamespace::regnamespace::text, collname) FROM pg_collation WHERE oid >= 16384"),
            ("TYPE", "SELECT oid::regtype::text FROM pg_type WHERE oid >= 16384 AND typtype IN ('c', 'r', 'd', 'e') AND typrelid = 0"),
            ("TEXT SEARCH CONFIGURATION", "SELECT oid::regconfig::text FROM pg_ts_config WHERE oid >= 16384"),
            ("TEXT SEARCH DICTIONARY", "SELECT oid::regdictionary::text FROM pg_ts_dict WHERE oid >= 16384"),
            ("SERVER", "SELECT quote_ident(srvname) FROM pg_foreign_server"),
            ("OPERATOR FAMILY", "SELECT format('%I.%I USING btree', n.nspname, opfname) FROM pg_opfamily f"
                                " JOIN pg_namespace n ON n.oid = opfnamespace WHERE f.oid >= 16384"),
            ("STATISTICS", "SELECT format('%I.%I', n.nspname, stxname) FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = stxnamespace")])
        found = self.one_of(query + " ORDER BY 1")
        return found and f"DROP {word} {found[0]}{self.maybe(' CASCADE')}"

    def step_operator_class(self):
        return self.rng.choice([
            f"CREATE OPERATOR CLASS {self.new_name()} FOR TYPE int USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =,"
            " OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(int, int)",
            f"CREATE OPERATOR FAMILY {self.new_name()} USING btree"])

    def step_use_operator_class(self):
        found = self.one_of("SELECT format('%I.%I', n.nspname, opcname) FROM pg_opclass c JOIN pg_namespace n ON n.oid = opcnamespace"
                            " WHERE c.oid >= 16384 ORDER BY 1")
        table = self.relation()
        if not found or not table:
            return None
        column, _ = self.column(table)
        return f"CREATE INDEX ON {table} ({column} {found[0]})"

    def step_cast(self):
        found = self.types_of("c,e")
        if not found:
            return None
        return f"CREATE CAST ({self.rng.choice(found)} AS {self.rng.choice(['text', 'varchar'])}) WITH INOUT{self.maybe(' AS ASSIGNMENT')}"

    def step_drop_cast(self):
        found = self.one_of("SELECT castsource::regtype::text, casttarget::regtype::text FROM pg_cast WHERE oid >= 16384 ORDER BY 1, 2")
        return found and f"DROP CAST ({found[0]} AS {found[1]})"

    def step_collate(self):
        found = self.one_of("SELECT format('%s.%I', collnamespace::regnamespace::text, collname) FROM pg_collation WHERE oid >= 16384 ORDER BY 1")
        table = self.relation()
        if not found or not table:
            return None
        column, _ = self.column(table)
        return self.rng.choice([
            f"ALTER TABLE {table} ADD {self.name()} text COLLATE {found[0]}", f"CREATE INDEX ON {table} ({column} COLLATE {found[0]})",
            f"ALTER TABLE {table} ALTER {column} TYPE text COLLATE {found[0]}",
            f"CREATE VIEW {self.new_name()} AS SELECT {column}::text COLLATE {found[0]} AS c FROM {table}"])

    def step_use_aggregate(self):
        found = self.one_of("SELECT format('%I.%I', n.nspname, p.proname) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
                            " WHERE prokind = 'a' AND p.oid >= 16384 ORDER BY 1")
        return found and f"CREATE VIEW {self.new_name()} AS SELECT {found[0]}(1) AS s"

    # ---- functions in other places ------------------------------------------------------------------

    def step_routine(self):
        relation = self.relation("r,p,v")
        if not relation:
            return None
        column, kind = self.column(relation)
        # With a first parameter of type int it would make a view ambiguous, behind its making, that calls an aggregate of its name.
        return self.rng.choice([
            f"CREATE FUNCTION {self.new_name()}(a text DEFAULT 'a', VARIADIC b text[] DEFAULT '{{}}') RETURNS TABLE (x int, y text)"
            " LANGUAGE sql STABLE AS 'SELECT 1, ''y''::text'",
            f"CREATE FUNCTION {self.new_name()}(a int) RETURNS bigint BEGIN ATOMIC SELECT count(*) FROM {relation} WHERE {column} IS NOT NULL; END",
            f"CREATE FUNCTION {self.new_name()}() RETURNS boolean LANGUAGE sql RETURN {self.condition(relation).replace(column, 'NULL::' + kind)}",
            f"CREATE FUNCTION {self.new_name()}(a {relation}.{column}%TYPE) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE"
            " COST 5 AS $$SELECT 'a' WHERE 'x'::varchar = ANY ((ARRAY['a'::varchar, 'b'])::text[])$$",
            f"CREATE PROCEDURE {self.new_name()}(a int) LANGUAGE sql BEGIN ATOMIC DELETE FROM {relation} WHERE {column} IS NULL; END",
            f"CREATE FUNCTION {self.new_name()}(OUT a int, OUT b text) SECURITY DEFINER SET search_path = public, pg_temp"
            " LANGUAGE plpgsql AS 'BEGIN a := 1; END'"])

    def step_immutable(self):
        return (f"CREATE OR REPLACE FUNCTION {self.new_name()}(a text) RETURNS {self.rng.choice(['int', 'text', 'boolean'])}"
                f" LANGUAGE sql IMMUTABLE AS 'SELECT {self.rng.choice(['NULL', '1'])}'")

    def step_use_immutable(self):
        found = self.one_of("SELECT format('%I.%I', n.nspname, p.proname), p.prorettype::regtype::text FROM pg_proc p"
                            " JOIN pg_namespace n ON n.oid = p.pronamespace"
                            " WHERE p.oid >= 16384 AND provolatile = 'i' AND pronargs = 1 AND proargtypes[0] = 'text'::regtype ORDER BY 1")
        table = self.relation()
        if not found or not table:
            return None
        column, _ = self.column(table)
        call = f"{found[0]}({column}::text)"
        return self.rng.choice([
            f"CREATE INDEX ON {table} ({call})", f"ALTER TABLE {table} ADD CHECK ({call} IS NULL)",
            f"ALTER TABLE {table} ADD {self.name()} {found[1]} GENERATED ALWAYS AS ({call}) STORED",
            f"CREATE POLICY {self.name()} ON {table} USING ({call} IS NULL)", f"CREATE VIEW {self.new_name()} AS SELECT {call} AS f FROM {table}",
            f"CREATE STATISTICS {self.new_name()} ON ({call}), {column} FROM {table}",
            f"CREATE TABLE {self.new_name()} (k text, v int) PARTITION BY LIST ({found[0]}(k))",
            f"CREATE DOMAIN {self.schema()}.{self.type_name()} AS text CHECK ({found[0]}(VALUE) IS NULL)"])

    def step_partitioned_more(self):
        enums = self.types_of("e")
        return self.rng.choice([
            f"CREATE TABLE {self.new_name()} (k text COLLATE \"C\", v int, PRIMARY KEY (k, v)) PARTITION BY RANGE (k, v)",
            f"CREATE TABLE {self.new_name()} (k text, v timestamptz) PARTITION BY RANGE ((v AT TIME ZONE 'UTC'))",
            f"CREATE TABLE {self.new_name()} (k text, v int) PARTITION BY LIST (lower(k))"]
            + [f"CREATE TABLE {self.new_name()} (k {e} NOT NULL, v text) PARTITION BY LIST (k)" for e in enums])

    def parent_and_bound(self):
        """A partitioned table and a bound that its key can take."""
        found = self.one_of("SELECT c.oid::regclass::text, pg_get_partkeydef(c.oid), format_type(atttypid, -1) FROM pg_class c"
                            " JOIN pg_partitioned_table p ON partrelid = c.oid LEFT JOIN pg_attribute a ON attrelid = c.oid"
                            " AND attnum = partattrs[0] AND attnum > 0 WHERE relkind = 'p' ORDER BY 1")
        if not found:
            return None, None
        n = self.rng.randint(0, 4)
        table, key, kind = found
        if key.startswith("HASH"):
            return table, f"FOR VALUES WITH (MODULUS 5, REMAINDER {n})"
        if self.rng.random() < 0.1:
            return table, "DEFAULT"
        if key.startswith("LIST"):
            return table, f"FOR VALUES IN ('{n if kind == 'integer' else 'abcde'[n]}')"
        if "," in key:
            return table, f"FOR VALUES FROM ('{n}', MINVALUE) TO ('{n + 1}', MINVALUE)"
        return table, f"FOR VALUES FROM ('{n}') TO ('{n + 1}')" if kind == "integer" else f"FOR VALUES FROM ('200{n}-01-01') TO ('200{n + 1}-01-01')"

    def step_partition(self):
        table, bound = self.parent_and_bound()
        if not table:
            return None
        below = self.maybe(f" PARTITION BY HASH ({self.column(table)[0]})", 0.15)
        return f"CREATE TABLE {self.new_name()} PARTITION OF {table} {bound}{below}"

    step_partition_2 = step_partition

    def step_attach(self):
        table, bound = self.parent_and_bound()
        if not table:
            return None
        other = self.relation("r") if self.rng.random() < 0.3 else self.new_name()
        made = f"CREATE TABLE {other} (LIKE {table} INCLUDING {self.rng.choice(['ALL', 'DEFAULTS', 'CONSTRAINTS'])}); "
        return made + f"ALTER TABLE {table} ATTACH PARTITION {other} {bound}"

    def step_child(self):
        table = self.relation("r")
        other = self.new_name()
        return table and f"CREATE TABLE {other} (LIKE {table} INCLUDING ALL); ALTER TABLE {other} INHERIT {table}"

    def step_trigger_more(self):
        found, table, view = self.routines("trigger"), self.relation(), self.relation("v")
        if not found or not table:
            return None
        column, _ = self.column(table)
        call = f"EXECUTE FUNCTION {self.rng.choice(found)}({self.maybe(literal(self.rng.choice(['a', chr(39), 'back' + chr(92)])), 0.5)})"
        return f"CREATE TRIGGER {self.name()} " + self.rng.choice([
            f"INSTEAD OF INSERT ON {view} FOR EACH ROW {call}", f"AFTER DELETE ON {table} FOR EACH STATEMENT {call}"
            f"; CREATE CONSTRAINT TRIGGER {self.name()} AFTER UPDATE ON {table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW {call}",
            f"AFTER UPDATE ON {table} REFERENCING OLD TABLE AS {self.name()} NEW TABLE AS nt FOR EACH STATEMENT {call}",
            f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {call}",
            f"BEFORE UPDATE ON {table} FOR EACH ROW WHEN (OLD.{column} IS DISTINCT FROM NEW.{column}) {call}"])

    def step_event_trigger(self):
        return self.rng.choice([
            f"CREATE FUNCTION {self.new_name()}() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
            f"CREATE EVENT TRIGGER {self.name()} ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION "
            f"{(self.routines('event_trigger') or ['none'])[0]}()", f"DROP EVENT TRIGGER {self.name()}"])

    # ---- text search and foreign data -------------------------------------------------------------

    def step_text_search(self):
        config = self.one_of("SELECT oid::regconfig::text FROM pg_ts_config WHERE oid >= 16384 ORDER BY 1")
        dictionary = self.one_of("SELECT oid::regdictionary::text FROM pg_ts_dict WHERE oid >= 16384 ORDER BY 1")
        choices = [f"CREATE TEXT SEARCH DICTIONARY {self.new_name()} (TEMPLATE = simple, ACCEPT = false)",
                   f"CREATE TEXT SEARCH CONFIGURATION {self.new_name()} (COPY = {self.rng.choice(['english', 'simple'])})"]
        if config:
            table = self.relation()
            choices += [f"ALTER TEXT SEARCH CONFIGURATION {config[0]} DROP MAPPING FOR email",
                        f"ALTER TABLE {table} ADD {self.name()} tsvector GENERATED ALWAYS AS (to_tsvector({literal(config[0])}::regconfig, 'x')) STORED"]
        if config and dictionary:
            choices.append(f"ALTER TEXT SEARCH CONFIGURATION {config[0]} ALTER MAPPING FOR word, asciiword WITH {dictionary[0]}, simple")
        return self.rng.choice(choices)

    def step_foreign(self):
        wrapper = self.one_of("SELECT quote_ident(fdwname) FROM pg_foreign_data_wrapper ORDER BY 1")
        server = self.one_of("SELECT quote_ident(srvname) FROM pg_foreign_server ORDER BY 1")
        options = self.maybe(" OPTIONS (a 'it''s')")
        choices = [f"CREATE FOREIGN DATA WRAPPER {self.name()}{options}"]
        if wrapper:
            choices += [f"CREATE SERVER {self.name()} TYPE 't' VERSION '1' FOREIGN DATA WRAPPER {wrapper[0]} OPTIONS (host 'h')"] * 2
        if server:
            choices += [f"CREATE USER MAPPING FOR {ident('grow b')} SERVER {server[0]} OPTIONS (\"user\" 'u')",
                        f"CREATE FOREIGN TABLE {self.new_name()} (a int OPTIONS (x 'y'), b {self.type()} NOT NULL) SERVER {server[0]} OPTIONS (t 'x')",
                        f"ALTER SERVER {server[0]} OPTIONS (SET host 'i')", f"ALTER SERVER {server[0]} VERSION '2'"]
        return self.rng.choice(choices)

    def step_publication_more(self):
        table = self.relation()
        if not table:
            return None
        column, _ = self.column(table)
        return self.rng.choice([
            f"CREATE PUBLICATION {self.name()} FOR TABLE {table} WHERE ({self.condition(table)})",
            f"CREATE PUBLICATION {self.name()} FOR TABLE {table} ({column})",
            f"CREATE PUBLICATION {self.name()} FOR TABLES IN SCHEMA {self.schema()}", f"CREATE PUBLICATION {self.name()} FOR ALL TABLES"])

    # ---- comments and privileges of everything ------------------------------------------------------

    def step_comment_any(self):
        found = self.one_of("""
            SELECT 'FUNCTION ' || oid::regprocedure FROM pg_proc WHERE oid >= 16384 AND prokind = 'f'
            UNION ALL SELECT 'AGGREGATE ' || oid::regprocedure FROM pg_proc WHERE oid >= 16384 AND prokind = 'a'
            UNION ALL SELECT 'PROCEDURE ' || oid::regprocedure FROM pg_proc WHERE oid >= 16384 AND prokind = 'p'
            UNION ALL SELECT 'TYPE ' || oid::regtype FROM pg_type WHERE oid >= 16384 AND typtype IN ('c', 'e', 'r') AND typrelid = 0
            UNION ALL SELECT 'DOMAIN ' || oid::regtype FROM pg_type WHERE oid >= 16384 AND typtype = 'd'
            UNION ALL SELECT format('CONSTRAINT %I ON %s', conname, conrelid::regclass) FROM pg_constraint WHERE conrelid >= 16384
            UNION ALL SELECT format('CONSTRAINT %I ON DOMAIN %s', conname, contypid::regtype) FROM pg_constraint WHERE contypid >= 16384
            UNION ALL SELECT 'INDEX ' || oid::regclass FROM pg_class WHERE oid >= 16384 AND relkind IN ('i', 'I')
            UNION ALL SELECT 'SEQUENCE ' || oid::regclass FROM pg_class WHERE oid >= 16384 AND relkind = 'S'
            UNION ALL SELECT 'MATERIALIZED VIEW ' || oid::regclass FROM pg_class WHERE oid >= 16384 AND relkind = 'm'
            UNION ALL SELECT 'FOREIGN TABLE ' || oid::regclass FROM pg_class WHERE oid >= 16384 AND relkind = 'f'
            UNION ALL SELECT format('TRIGGER %I ON %s', tgname, tgrelid::regclass) FROM pg_trigger WHERE NOT tgisinternal
            UNION ALL SELECT format('POLICY %I ON %s', polname, polrelid::regclass) FROM pg_policy
            UNION ALL SELECT format('RULE %I ON %s', rulename, ev_class::regclass) FROM pg_rewrite WHERE oid >= 16384 AND rulename <> '_RETURN'
            UNION ALL SELECT format('PUBLICATION %I', pubname) FROM pg_publication
            UNION ALL SELECT format('SERVER %I', srvname) FROM pg_foreign_server
            UNION ALL SELECT format('OPERATOR %s', oid::regoperator) FROM pg_operator WHERE oid >= 16384
            UNION ALL SELECT format('COLLATION %s.%I', collnamespace::regnamespace, collname) FROM pg_collation WHERE oid >= 16384
            UNION ALL SELECT format('CAST (%s AS %s)', castsource::regtype, casttarget::regtype) FROM pg_cast WHERE oid >= 16384
            ORDER BY 1""")
        text = self.rng.choice(["'a'", "'it''s'", "NULL"])
        return found and f"COMMENT ON {found[0]} IS {text}"

    step_comment_any_2 = step_comment_any

    def step_grant_any(self):
        found = self.one_of("""
            SELECT 'EXECUTE', 'ROUTINE ' || oid::regprocedure FROM pg_proc WHERE oid >= 16384 AND prokind <> 'a'
            UNION ALL SELECT 'USAGE', 'TYPE ' || oid::regtype FROM pg_type WHERE oid >= 16384 AND typtype IN ('c', 'e', 'r') AND typrelid = 0
            UNION ALL SELECT 'USAGE', 'DOMAIN ' || oid::regtype FROM pg_type WHERE oid >= 16384 AND typtype = 'd'
            UNION ALL SELECT 'USAGE', format('FOREIGN SERVER %I', srvname) FROM pg_foreign_server
            UNION ALL SELECT 'USAGE', format('FOREIGN DATA WRAPPER %I', fdwname) FROM pg_foreign_data_wrapper ORDER BY 1, 2""")
        if not found:
            return None
        role = self.rng.choice([ident("grow_a"), ident('grow"c'), "PUBLIC"])
        if self.rng.random() < 0.6:
            return f"GRANT {found[0]} ON {found[1]} TO {role}{self.maybe(' WITH GRANT OPTION')}"
        return f"REVOKE {found[0]} ON {found[1]} FROM {role} CASCADE"

    def step_owner_any(self):
        found = self.one_of("""
            SELECT 'ROUTINE ' || oid::regprocedure FROM pg_proc WHERE oid >= 16384 AND prokind <> 'a'
            UNION ALL SELECT 'TYPE ' || oid::regtype FROM pg_type WHERE oid >= 16384 AND typtype IN ('c', 'e', 'r') AND typrelid = 0
            UNION ALL SELECT 'DOMAIN ' || oid::regtype FROM pg_type WHERE oid >= 16384 AND typtype = 'd'
            UNION ALL SELECT 'SEQUENCE ' || oid::regclass FROM pg_class WHERE oid >= 16384 AND relkind = 'S'
            UNION ALL SELECT format('SCHEMA %I', nspname) FROM pg_namespace WHERE oid >= 16384 AND nspname NOT LIKE 'pg\\_%'
            ORDER BY 1""")
        return found and f"ALTER {found[0]} OWNER TO {ident(self.rng.choice(['grow_a', 'grow b', 'postgres']))}"
