"""Types and what makes them: a golden test a kind. The plan from before to after and back is applied
to a real server, and a second plan is empty; once with plain names, once with hard ones."""
import re

import pytest
from psycopg2 import errors

from harness.schemas import apply, brief, load, text, turn, turn_both_ways

# What n1 … n9 stand for in the second run.
HARD = {
    "n1": '"select"', "n2": '"With Space"', "n3": '"q""uo\'te"', "n4": '"Ünï код 表"',
    "n5": '"' + "é" * 31 + 'x"', "n6": '"UPPER"', "n7": '"a.b"', "n8": '"back\\slash"',
    "n9": '"semi;--"',
}

# name: (before, after), with the oldest version that knows it behind them
CASES = {}


def case(name, before, after="", minimum=12):
    CASES[name] = (before, after, minimum)


# ---- composite types ---------------------------------------------------------------------------

case("composite", "CREATE TYPE n1 AS (n2 int, n3 text COLLATE \"C\", n4 numeric(10,2)[]);")
case("composite without attributes", "CREATE TYPE n1 AS ();", "CREATE TYPE n1 AS (n2 int);")
case("composite aspects", "CREATE TYPE n1 AS (n2 int, n3 int);", """
    CREATE TYPE n1 AS (n2 int, n3 int);
    COMMENT ON TYPE n1 IS 'it''s a \\ type';
    COMMENT ON COLUMN n1.n2 IS 'an attribute';
    ALTER TYPE n1 OWNER TO webuser;
    GRANT USAGE ON TYPE n1 TO admin WITH GRANT OPTION;
    REVOKE USAGE ON TYPE n1 FROM PUBLIC;""")
case("composite attributes come and go", """
    CREATE TYPE n1 AS (n2 int, n3 text, n4 date);
    CREATE TABLE n5 (a n1, b n1[]);
    CREATE FUNCTION n6(n1) RETURNS int LANGUAGE sql AS 'SELECT 1';""", """
    CREATE TYPE n1 AS (n2 int, n4 date, n7 text, n8 bool);
    CREATE TABLE n5 (a n1, b n1[]);
    CREATE FUNCTION n6(n1) RETURNS int LANGUAGE sql AS 'SELECT 1';""")
case("composite attribute of another type, not stored", """
    CREATE TYPE n1 AS (n2 int, n3 text);
    CREATE VIEW n4 AS SELECT (NULL::n1).n2 AS x;
    CREATE FUNCTION n6(n1) RETURNS int LANGUAGE sql AS 'SELECT 1';""", """
    CREATE TYPE n1 AS (n2 bigint, n3 text COLLATE "C");
    CREATE VIEW n4 AS SELECT (NULL::n1).n2 AS x;
    CREATE FUNCTION n6(n1) RETURNS int LANGUAGE sql AS 'SELECT 1';""")
case("composite attribute of another type, stored", """
    CREATE TYPE n1 AS (n2 int, n3 text);
    CREATE TYPE n7 AS (n8 n1, n9 int);
    CREATE TABLE n4 (id int, a n1, b n1[], c n7 DEFAULT NULL);
    CREATE INDEX n5 ON n4 (((a).n2));
    CREATE VIEW n6 AS SELECT (a).n2 AS x, b FROM n4;
    CREATE FUNCTION n2(n1) RETURNS n1 LANGUAGE sql AS 'SELECT $1';""", """
    CREATE TYPE n1 AS (n2 bigint, n3 text);
    CREATE TYPE n7 AS (n8 n1, n9 int);
    CREATE TABLE n4 (id int, a n1, b n1[], c n7 DEFAULT NULL);
    CREATE INDEX n5 ON n4 (((a).n2));
    CREATE VIEW n6 AS SELECT (a).n2 AS x, b FROM n4;
    CREATE FUNCTION n2(n1) RETURNS n1 LANGUAGE sql AS 'SELECT $1';""")
case("composite reordered", "CREATE TYPE n1 AS (n2 int, n3 text); CREATE TABLE n4 (a n1);",
     "CREATE TYPE n1 AS (n3 text, n2 int); CREATE TABLE n4 (a n1);")
case("composite in a materialized view", """
    CREATE TYPE n1 AS (n2 int, n3 text);
    CREATE MATERIALIZED VIEW n4 AS SELECT NULL::n1 AS x;""", """
    CREATE TYPE n1 AS (n2 bigint, n3 text);
    CREATE MATERIALIZED VIEW n4 AS SELECT NULL::n1 AS x;""")
case("composite of a table's rows", """
    CREATE TABLE n1 (n2 int);
    CREATE TYPE n3 AS (n4 n1, n5 n1[]);
    CREATE TABLE n6 (n7 n3);""")
case("typed table", "CREATE TYPE n1 AS (n2 int, n3 text); CREATE TABLE n4 OF n1 (n2 NOT NULL);", """
    CREATE TYPE n1 AS (n2 int, n3 varchar(5), n5 int);
    CREATE TABLE n4 OF n1 (n2 WITH OPTIONS DEFAULT 7, CHECK (n5 > 1));""")
case("typed table, new", "CREATE TYPE n1 AS (n2 int, n3 text);", """
    CREATE TYPE n1 AS (n2 int, n3 text);
    CREATE TABLE n4 OF n1 (n2 WITH OPTIONS PRIMARY KEY DEFAULT 3, n3 WITH OPTIONS NOT NULL);
    COMMENT ON COLUMN n4.n3 IS 'given by the type';""")

case("typed table, of another type", """
    CREATE TYPE n1 AS (n2 int, n3 text); CREATE TYPE n5 AS (n2 bigint, n6 text);
    CREATE TABLE n4 OF n1;""", """
    CREATE TYPE n1 AS (n2 int, n3 text, n7 int); CREATE TYPE n5 AS (n2 bigint, n6 text);
    CREATE TABLE n4 OF n5;""")
case("typed table, with its columns in another order", """
    CREATE TYPE n1 AS (n2 int, n3 text); CREATE TABLE n4 OF n1;""", """
    CREATE TYPE n1 AS (n2 int, n3 text); CREATE TABLE n4 (n3 text, n2 int, n5 int);""")
case("typed table, or a partition", """
    CREATE TYPE n1 AS (n2 int, n3 text); CREATE TABLE n4 OF n1;
    CREATE TABLE n5 (n6 text, n7 numeric(8,2) DEFAULT -1.5) PARTITION BY LIST (n6);
    CREATE INDEX ON n4 (n2);""", """
    CREATE TABLE n5 (n6 text, n7 numeric(8,2) DEFAULT -1.5) PARTITION BY LIST (n6);
    CREATE TABLE n4 PARTITION OF n5 FOR VALUES IN ('b');
    CREATE INDEX ON n5 (n6);""")
case("typed table, or an heir", """
    CREATE TYPE n1 AS (n2 int, n3 text); CREATE TABLE n4 OF n1; CREATE TABLE n5 (n2 int, n6 text);""", """
    CREATE TYPE n1 AS (n2 int); CREATE TABLE n5 (n2 int, n6 text); CREATE TABLE n4 () INHERITS (n5);""")

# ---- what is handed down -----------------------------------------------------------------------

case("heir of columns that change", """
    CREATE DOMAIN n1 AS int;
    CREATE TABLE n2 (n3 int, n4 text, n5 text);""", """
    CREATE DOMAIN n1 AS int;
    CREATE TABLE n2 (n3 n1, n4 text, n5 int, n6 text GENERATED ALWAYS AS (upper(n4)) STORED);
    ALTER TABLE n2 ALTER n4 SET STATISTICS 100;
    CREATE TABLE n7 (n3 n1 NOT NULL, n5 int, n8 text) INHERITS (n2);
    ALTER TABLE n7 ALTER n4 SET STATISTICS -1;
    CREATE TABLE n9 (n3 n1) INHERITS (n7);""")
HEIRS = """
    CREATE DOMAIN n1 AS {0};
    CREATE TABLE n2 (n3 n1, n4 text); CREATE TABLE n5 (n4 text) INHERITS (n2); CREATE TABLE n6 () INHERITS (n5);
    CREATE VIEW n7 AS SELECT n3 FROM n5; CREATE VIEW n8 AS SELECT n3 FROM n6 WHERE n3 IS NOT NULL;
    CREATE INDEX ON n6 (n3);"""
case("heirs whose columns are of a type made anew", HEIRS.format("bigint"), HEIRS.format("int"))
case("new heir of a column whose type is made anew", """
    CREATE DOMAIN n1 AS bigint; CREATE TABLE n2 (n3 n1); CREATE TABLE n4 () INHERITS (n2);""", """
    CREATE DOMAIN n1 AS int; CREATE TABLE n2 (n3 n1); CREATE TABLE n4 () INHERITS (n2);
    CREATE TABLE n5 (n3 n1 NOT NULL) INHERITS (n4);""")

# ---- domains -----------------------------------------------------------------------------------

case("domain", """
    CREATE DOMAIN n1 AS text COLLATE "C" DEFAULT 'a''b' NOT NULL CONSTRAINT n2 CHECK (VALUE <> '');
    CREATE DOMAIN n3 AS n1[] CHECK (cardinality(VALUE) < 9);
    CREATE DOMAIN n4 AS varchar(7);""")
case("domain altered", """
    CREATE DOMAIN n1 AS int DEFAULT 1 CONSTRAINT n2 CHECK (VALUE > 0);
    CREATE DOMAIN n3 AS int;
    CREATE TABLE n4 (a n1, b n3, c n1[]);""", """
    CREATE DOMAIN n1 AS int NOT NULL CONSTRAINT n2 CHECK (VALUE > 1) CONSTRAINT n5 CHECK (VALUE < 9);
    COMMENT ON DOMAIN n1 IS 'a domain';
    COMMENT ON CONSTRAINT n5 ON DOMAIN n1 IS 'small';
    ALTER DOMAIN n1 OWNER TO webuser;
    GRANT USAGE ON DOMAIN n1 TO admin;
    CREATE DOMAIN n3 AS int DEFAULT 1 + 1;
    CREATE TABLE n4 (a n1, b n3, c n1[]);""")
case("domain constraints validated", """
    CREATE DOMAIN n1 AS int;
    ALTER DOMAIN n1 ADD CONSTRAINT n2 CHECK (VALUE > 0) NOT VALID;
    ALTER DOMAIN n1 ADD CONSTRAINT n3 CHECK (VALUE > 1);""", """
    CREATE DOMAIN n1 AS int;
    ALTER DOMAIN n1 ADD CONSTRAINT n2 CHECK (VALUE > 0);
    ALTER DOMAIN n1 ADD CONSTRAINT n3 CHECK (VALUE > 1) NOT VALID;""")
case("domain of another type", """
    CREATE DOMAIN n1 AS varchar(9) DEFAULT 'x' CHECK (VALUE <> 'y');
    CREATE TABLE n2 (id int, n3 n1 DEFAULT 'z', b n1[], CHECK (n3 <> 'w'));
    CREATE INDEX n4 ON n2 (n3);
    CREATE VIEW n5 AS SELECT n3 FROM n2;
    CREATE DOMAIN n6 AS n1;
    CREATE TABLE n7 (n8 n6);""", """
    CREATE DOMAIN n1 AS text COLLATE "C" DEFAULT 'x' CHECK (VALUE <> 'y');
    CREATE TABLE n2 (id int, n3 n1 DEFAULT 'z', b n1[], CHECK (n3 <> 'w'));
    CREATE INDEX n4 ON n2 (n3);
    CREATE VIEW n5 AS SELECT n3 FROM n2;
    CREATE DOMAIN n6 AS n1;
    CREATE TABLE n7 (n8 n6);""")
case("domain checked by a function", """
    CREATE FUNCTION n1(int) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT $1 > 0';
    CREATE DOMAIN n2 AS int CHECK (n1(VALUE));
    CREATE TABLE n3 (n4 n2);""", """
    CREATE FUNCTION n1(n9 int) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT $1 > 1';
    CREATE DOMAIN n2 AS int CHECK (n1(VALUE));
    CREATE TABLE n3 (n4 n2);""")
case("domain whose check takes the domain", """
    CREATE DOMAIN n1 AS int;
    CREATE FUNCTION n2(n1) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT true';
    ALTER DOMAIN n1 ADD CONSTRAINT n3 CHECK (n2(VALUE));""")
case("domain without the default of the one below", """
    CREATE DOMAIN n1 AS int; CREATE DOMAIN n2 AS n1; CREATE DOMAIN n3 AS int DEFAULT 7;""", """
    CREATE DOMAIN n1 AS int DEFAULT 7; CREATE DOMAIN n2 AS n1; ALTER DOMAIN n2 DROP DEFAULT;
    CREATE DOMAIN n4 AS n1; ALTER DOMAIN n4 DROP DEFAULT; CREATE DOMAIN n5 AS n1 DEFAULT NULL; CREATE DOMAIN n6 AS n4 DEFAULT 8;
    CREATE DOMAIN n3 AS int DEFAULT 7; CREATE DOMAIN n7 AS n3; ALTER DOMAIN n7 DROP DEFAULT; CREATE DOMAIN n8 AS n3;""")
case("domain with a named NOT NULL", "CREATE DOMAIN n1 AS int CONSTRAINT n2 NOT NULL;",
     "CREATE DOMAIN n1 AS int NOT NULL;", 17)
case("domain NOT NULL by name", "CREATE DOMAIN n1 AS int CONSTRAINT n2 NOT NULL;",
     "CREATE DOMAIN n1 AS int;", 17)

# ---- ranges ------------------------------------------------------------------------------------

case("range", """
    CREATE TYPE n1 AS RANGE (subtype = float8, subtype_diff = float8mi);
    CREATE TYPE n2 AS RANGE (subtype = text, collation = "C", subtype_opclass = text_pattern_ops);
    CREATE TABLE n3 (n4 n1, n5 n2[] DEFAULT '{}');
    CREATE INDEX ON n3 USING gist (n4);""")
case("range aspects", "CREATE TYPE n1 AS RANGE (subtype = float8);", """
    CREATE TYPE n1 AS RANGE (subtype = float8);
    COMMENT ON TYPE n1 IS 'a range';
    ALTER TYPE n1 OWNER TO webuser;
    GRANT USAGE ON TYPE n1 TO admin;""")
case("range of another subtype", """
    CREATE TYPE n1 AS RANGE (subtype = int4);
    CREATE TABLE n2 (n3 n1 DEFAULT '[1,2]', b n1[]);
    CREATE INDEX ON n2 USING gist (n3);
    CREATE FUNCTION n4(n1) RETURNS n1 LANGUAGE sql AS 'SELECT $1';""", """
    CREATE TYPE n1 AS RANGE (subtype = int4, subtype_diff = int4range_subdiff);
    CREATE TABLE n2 (n3 n1 DEFAULT '[1,2]', b n1[]);
    CREATE INDEX ON n2 USING gist (n3);
    CREATE FUNCTION n4(n1) RETURNS n1 LANGUAGE sql AS 'SELECT $1';""")
case("range not stored", "CREATE TYPE n1 AS RANGE (subtype = int4);",
     "CREATE TYPE n1 AS RANGE (subtype = int8);")
case("range with a multirange", """
    CREATE TYPE n1 AS RANGE (subtype = float8, multirange_type_name = n2);
    CREATE TABLE n3 (n4 n2, n5 n1);
    CREATE FUNCTION n6(n2) RETURNS n2 LANGUAGE sql AS 'SELECT $1';""", """
    CREATE TYPE n1 AS RANGE (subtype = float8, subtype_diff = float8mi, multirange_type_name = n2);
    CREATE TABLE n3 (n4 n2, n5 n1);
    CREATE FUNCTION n6(n2) RETURNS n2 LANGUAGE sql AS 'SELECT $1';""", 14)
case("range with a canonical function", """
    CREATE TYPE n1;
    CREATE FUNCTION n2(n1) RETURNS n1 IMMUTABLE STRICT LANGUAGE internal AS 'int4range_canonical';
    CREATE TYPE n1 AS RANGE (subtype = int4, canonical = n2);
    CREATE TABLE n3 (n4 n1);""")
case("range with a canonical function, altered", """
    CREATE TYPE n1;
    CREATE FUNCTION n2(n1) RETURNS n1 IMMUTABLE STRICT LANGUAGE internal AS 'int4range_canonical';
    CREATE TYPE n1 AS RANGE (subtype = int4, canonical = n2);
    CREATE TABLE n3 (n4 n1);""", """
    CREATE TYPE n1;
    CREATE FUNCTION n2(n1) RETURNS n1 IMMUTABLE STRICT LANGUAGE internal AS 'int4range_canonical';
    CREATE TYPE n1 AS RANGE (subtype = int4, canonical = n2, subtype_diff = int4range_subdiff);
    CREATE TABLE n3 (n4 n1);""")

# ---- base types --------------------------------------------------------------------------------

BASE = """
    CREATE TYPE n1;
    CREATE FUNCTION n2(cstring) RETURNS n1 IMMUTABLE STRICT LANGUAGE internal AS 'textin';
    CREATE FUNCTION n3(n1) RETURNS cstring IMMUTABLE STRICT LANGUAGE internal AS 'textout';
    CREATE FUNCTION n4(internal) RETURNS n1 IMMUTABLE STRICT LANGUAGE internal AS 'textrecv';
    CREATE FUNCTION n5(n1) RETURNS bytea IMMUTABLE STRICT LANGUAGE internal AS 'textsend';"""
case("base type", BASE + """
    CREATE TYPE n1 (input = n2, output = n3, receive = n4, send = n5, category = 'S', preferred = true,
                    default = 'it''s', delimiter = ';', storage = extended, collatable = true);
    CREATE TABLE n6 (n7 n1, n8 n1[]);
    COMMENT ON TYPE n1 IS 'a base';
    ALTER TYPE n1 OWNER TO webuser;
    GRANT USAGE ON TYPE n1 TO admin;
    CREATE FUNCTION n9(n1[]) RETURNS int LANGUAGE sql AS 'SELECT 1';""")
case("base type of a fixed length", """
    CREATE TYPE n1;
    CREATE FUNCTION n2(cstring) RETURNS n1 IMMUTABLE STRICT LANGUAGE internal AS 'int8in';
    CREATE FUNCTION n3(n1) RETURNS cstring IMMUTABLE STRICT LANGUAGE internal AS 'int8out';
    CREATE TYPE n1 (input = n2, output = n3, internallength = 8, passedbyvalue, alignment = double);
    CREATE TABLE n4 (n5 n1);""")
case("base type LIKE", """
    CREATE TYPE n1;
    CREATE FUNCTION n2(cstring) RETURNS n1 IMMUTABLE STRICT LANGUAGE internal AS 'int4in';
    CREATE FUNCTION n3(n1) RETURNS cstring IMMUTABLE STRICT LANGUAGE internal AS 'int4out';
    CREATE TYPE n1 (input = n2, output = n3, LIKE = int4, element = int2);""".replace(
        ", element = int2", ""))
case("base type altered", BASE + "CREATE TYPE n1 (input = n2, output = n3); CREATE TABLE n6 (n7 n1);",
     BASE + """CREATE TYPE n1 (input = n2, output = n3, receive = n4, send = n5, storage = extended);
     CREATE TABLE n6 (n7 n1);""", 13)
case("base type rebuilt", BASE + "CREATE TYPE n1 (input = n2, output = n3);",
     BASE + "CREATE TYPE n1 (input = n2, output = n3, delimiter = ';');")
case("shell type", "CREATE TYPE n1; COMMENT ON TYPE n1 IS 'to come'; CREATE TYPE n2;", "CREATE TYPE n2;")

# ---- collations --------------------------------------------------------------------------------

case("collation", """
    CREATE COLLATION n1 (locale = 'C');
    CREATE COLLATION n2 (lc_collate = 'C', lc_ctype = 'POSIX');
    COMMENT ON COLLATION n1 IS 'a collation';
    ALTER COLLATION n1 OWNER TO webuser;
    CREATE TABLE n3 (n4 text COLLATE n1, n5 text);
    CREATE INDEX n6 ON n3 (n5 COLLATE n2);""")
case("collation changed", """
    CREATE COLLATION n1 (locale = 'C');
    CREATE TABLE n3 (n4 text COLLATE n1, n5 text PRIMARY KEY);
    CREATE INDEX n6 ON n3 (n5 COLLATE n1);
    CREATE DOMAIN n7 AS text COLLATE n1;
    CREATE TABLE n8 (n9 n7);
    CREATE VIEW n2 AS SELECT n4 FROM n3 ORDER BY n5 COLLATE n1;
    CREATE TYPE n5 AS (n6 text COLLATE n1);
    CREATE TYPE n9 AS RANGE (subtype = text, collation = n1);
    CREATE TABLE n4 (n1 n5, n2 n9);""", """
    CREATE COLLATION n1 (lc_collate = 'C', lc_ctype = 'POSIX');
    CREATE TABLE n3 (n4 text COLLATE n1, n5 text PRIMARY KEY);
    CREATE INDEX n6 ON n3 (n5 COLLATE n1);
    CREATE DOMAIN n7 AS text COLLATE n1;
    CREATE TABLE n8 (n9 n7);
    CREATE VIEW n2 AS SELECT n4 FROM n3 ORDER BY n5 COLLATE n1;
    CREATE TYPE n5 AS (n6 text COLLATE n1);
    CREATE TYPE n9 AS RANGE (subtype = text, collation = n1);
    CREATE TABLE n4 (n1 n5, n2 n9);""")
case("collation of ICU", """
    CREATE COLLATION n1 (provider = icu, locale = 'de-u-co-phonebk');
    CREATE COLLATION n2 (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    CREATE TABLE n3 (n4 text COLLATE n2 UNIQUE);""", """
    CREATE COLLATION n1 (provider = icu, locale = 'de');
    CREATE COLLATION n2 (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
    CREATE TABLE n3 (n4 text COLLATE n2 UNIQUE);""")
case("collation with rules", "CREATE COLLATION n1 (provider = icu, locale = 'und', rules = '&a < g');",
     "CREATE COLLATION n1 (provider = icu, locale = 'und', rules = '&V << w <<< W');", 16)
case("collation of PostgreSQL itself", "CREATE COLLATION n1 (provider = builtin, locale = 'C.UTF-8');",
     "CREATE COLLATION n1 (provider = builtin, locale = 'C');", 17)

# ---- aggregates --------------------------------------------------------------------------------

case("aggregate", """
    CREATE AGGREGATE n1(int) (sfunc = int4pl, stype = int, initcond = '0', combinefunc = int4pl,
                              parallel = safe);
    CREATE AGGREGATE n2(*) (sfunc = int8inc, stype = int8, initcond = '0', sspace = 64);
    CREATE AGGREGATE n3(n4 text) (sfunc = textcat, stype = text, parallel = restricted);
    CREATE AGGREGATE n5(float8) (sfunc = float8larger, stype = float8, sortop = >);
    COMMENT ON AGGREGATE n1(int) IS 'an aggregate';
    COMMENT ON AGGREGATE n2(*) IS 'a count';
    ALTER AGGREGATE n1(int) OWNER TO webuser;
    REVOKE EXECUTE ON FUNCTION n1(int) FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION n1(int) TO admin;
    CREATE VIEW n6 AS SELECT n1(x) FROM generate_series(1, 9) x;""")
case("aggregate, moving", """
    CREATE AGGREGATE n1(float8) (sfunc = float8pl, stype = float8, msfunc = float8pl,
        minvfunc = float8mi, mstype = float8, minitcond = '0', mfinalfunc = float8abs, initcond = '0',
        finalfunc = float8abs, finalfunc_modify = shareable, mfinalfunc_modify = read_write);
    CREATE AGGREGATE n2(numeric) (sfunc = numeric_avg_accum, stype = internal, finalfunc = numeric_avg,
        combinefunc = numeric_avg_combine, serialfunc = numeric_avg_serialize,
        deserialfunc = numeric_avg_deserialize, sspace = 128, parallel = safe);""")
case("aggregate, ordered set and hypothetical", """
    CREATE AGGREGATE n1(float8 ORDER BY anyelement) (sfunc = ordered_set_transition, stype = internal,
        finalfunc = percentile_disc_final, finalfunc_extra);
    CREATE AGGREGATE n2(VARIADIC "any" ORDER BY VARIADIC "any") (sfunc = ordered_set_transition_multi,
        stype = internal, finalfunc = rank_final, finalfunc_extra, hypothetical);
    COMMENT ON AGGREGATE n1(float8 ORDER BY anyelement) IS 'ordered';
    ALTER AGGREGATE n1(float8 ORDER BY anyelement) OWNER TO webuser;
    GRANT EXECUTE ON FUNCTION n1(float8, anyelement) TO admin;""")
case("aggregate altered", """
    CREATE AGGREGATE n1(int) (sfunc = int4pl, stype = int, initcond = '0');
    CREATE VIEW n2 AS SELECT n1(x) FROM generate_series(1, 9) x;
    CREATE AGGREGATE n3(int) (sfunc = int4pl, stype = int);
    CREATE VIEW n4 AS SELECT n3(x)::text FROM generate_series(1, 9) x;""", """
    CREATE AGGREGATE n1(int) (sfunc = int4pl, stype = int, initcond = '1');
    CREATE VIEW n2 AS SELECT n1(x) FROM generate_series(1, 9) x;
    CREATE AGGREGATE n3(int) (sfunc = int84pl, stype = int8, initcond = '0');
    CREATE VIEW n4 AS SELECT n3(x)::text FROM generate_series(1, 9) x;""")
case("aggregate of own function and type", """
    CREATE TYPE n1 AS (n2 int);
    CREATE FUNCTION n3(n1, n1) RETURNS n1 LANGUAGE sql AS 'SELECT $1';
    CREATE AGGREGATE n4(n1) (sfunc = n3, stype = n1);
    CREATE TABLE n5 (n6 n1);""", """
    CREATE TYPE n1 AS (n2 bigint);
    CREATE FUNCTION n3(n1, n1) RETURNS n1 LANGUAGE sql AS 'SELECT $2';
    CREATE AGGREGATE n4(n1) (sfunc = n3, stype = n1, initcond = '(1)');
    CREATE TABLE n5 (n6 n1);""")
case("aggregate becomes a function",
     "CREATE AGGREGATE n1(int) (sfunc = int4pl, stype = int);",
     "CREATE FUNCTION n1(int) RETURNS int LANGUAGE sql AS 'SELECT 1';")

# ---- operators ---------------------------------------------------------------------------------

case("operator", """
    CREATE SCHEMA n9;
    CREATE FUNCTION n9.n1(int, text) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT true';
    CREATE FUNCTION n9.n1(text, int) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT true';
    CREATE FUNCTION n9.n2(int, text) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT false';
    CREATE FUNCTION n9.n3(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1';
    CREATE OPERATOR n9.=== (function = n9.n1, leftarg = int, rightarg = text, commutator = OPERATOR(public.===),
        negator = OPERATOR(n9.!==), restrict = eqsel, join = eqjoinsel, hashes, merges);
    CREATE OPERATOR public.=== (function = n9.n1, leftarg = text, rightarg = int,
        commutator = OPERATOR(n9.===), hashes, merges);
    CREATE OPERATOR n9.!== (function = n9.n2, leftarg = int, rightarg = text, negator = OPERATOR(n9.===));
    CREATE OPERATOR n9.@#@ (function = n9.n3, rightarg = text);
    COMMENT ON OPERATOR n9.=== (int, text) IS 'the same';
    COMMENT ON OPERATOR n9.@#@ (NONE, text) IS 'before';
    ALTER OPERATOR n9.=== (int, text) OWNER TO webuser;
    CREATE VIEW n4 AS SELECT 1 OPERATOR(n9.===) 'x'::text AS x;""")
case("operator altered", """
    CREATE FUNCTION n1(int, int) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT true';
    CREATE FUNCTION n2(int, int) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT true';
    CREATE OPERATOR === (function = n1, leftarg = int, rightarg = int, restrict = eqsel);
    CREATE OPERATOR !== (function = n1, leftarg = int, rightarg = int);
    CREATE OPERATOR <=> (function = n1, leftarg = int, rightarg = int);
    CREATE VIEW n3 AS SELECT 1 OPERATOR(public.!==) 2 AS x;
    CREATE TABLE n4 (a int, CHECK (a OPERATOR(public.!==) 2));
    CREATE INDEX n5 ON n4 ((a OPERATOR(public.!==) 2));""", """
    CREATE FUNCTION n1(int, int) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT true';
    CREATE FUNCTION n2(int, int) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT true';
    CREATE OPERATOR === (function = n1, leftarg = int, rightarg = int, restrict = neqsel, join = neqjoinsel);
    CREATE OPERATOR !== (function = n2, leftarg = int, rightarg = int);
    CREATE OPERATOR <=> (function = n1, leftarg = int, rightarg = int, commutator = <=>, hashes, merges);
    CREATE VIEW n3 AS SELECT 1 OPERATOR(public.!==) 2 AS x;
    CREATE TABLE n4 (a int, CHECK (a OPERATOR(public.!==) 2));
    CREATE INDEX n5 ON n4 ((a OPERATOR(public.!==) 2));""")
case("operator loses its commutator", """
    CREATE FUNCTION n1(int, text) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT true';
    CREATE FUNCTION n1(text, int) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT true';
    CREATE OPERATOR === (function = n1, leftarg = int, rightarg = text, commutator = ===);
    CREATE OPERATOR === (function = n1, leftarg = text, rightarg = int);""", """
    CREATE FUNCTION n1(int, text) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT true';
    CREATE FUNCTION n1(text, int) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT true';
    CREATE OPERATOR === (function = n1, leftarg = int, rightarg = text);""")

# ---- operator families and classes -------------------------------------------------------------

FUNCTIONS = """
    CREATE FUNCTION n1(int, int) RETURNS int IMMUTABLE STRICT LANGUAGE internal AS 'btint4cmp';
    CREATE FUNCTION n1(int, int8) RETURNS int IMMUTABLE STRICT LANGUAGE internal AS 'btint48cmp';
    CREATE OPERATOR <^ (function = int4lt, leftarg = int, rightarg = int);
    CREATE OPERATOR <^ (function = int48lt, leftarg = int, rightarg = int8);
    CREATE OPERATOR =^ (function = int4eq, leftarg = int, rightarg = int);
    CREATE OPERATOR >^ (function = int4gt, leftarg = int, rightarg = int);
    CREATE OPERATOR <=^ (function = int4le, leftarg = int, rightarg = int);
    CREATE OPERATOR >=^ (function = int4ge, leftarg = int, rightarg = int);"""
CLASS = """
    CREATE OPERATOR CLASS n3 FOR TYPE int USING btree FAMILY n2 AS
        OPERATOR 1 <^, OPERATOR 2 <=^, OPERATOR 3 =^, OPERATOR 4 >=^, OPERATOR 5 >^, FUNCTION 1 n1(int, int);"""
TABLE = """
    CREATE TABLE n4 (n5 int, n6 int);
    CREATE INDEX n7 ON n4 USING btree (n5 n3);
    CREATE INDEX n8 ON n4 (n6 n3 DESC) WHERE n5 <^ 3;"""
case("operator class and family", FUNCTIONS + """
    CREATE OPERATOR FAMILY n2 USING btree;""" + CLASS + """
    ALTER OPERATOR FAMILY n2 USING btree ADD OPERATOR 1 <^ (int, int8), FUNCTION 1 (int, int8) n1(int, int8);
    COMMENT ON OPERATOR CLASS n3 USING btree IS 'a class';
    COMMENT ON OPERATOR FAMILY n2 USING btree IS 'a family';
    ALTER OPERATOR CLASS n3 USING btree OWNER TO webuser;
    ALTER OPERATOR FAMILY n2 USING btree OWNER TO webuser;""" + TABLE)
case("operator class by default, with a storage type", """
    CREATE TYPE n1 AS ENUM ('a', 'b');
    CREATE FUNCTION n2(n1, n1) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 0';
    CREATE FUNCTION n3(n1, n1) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT false';
    CREATE OPERATOR <^ (function = n3, leftarg = n1, rightarg = n1);
    CREATE OPERATOR CLASS n4 FOR TYPE n1 USING btree AS OPERATOR 1 <^, FUNCTION 1 n2(n1, n1);
    CREATE OPERATOR CLASS n5 FOR TYPE int[] USING gin AS
        OPERATOR 1 && (anyarray, anyarray), FUNCTION 1 btint4cmp(int, int),
        FUNCTION 2 ginarrayextract(anyarray, internal, internal),
        FUNCTION 3 ginqueryarrayextract(anyarray, internal, smallint, internal, internal, internal, internal),
        FUNCTION 4 ginarrayconsistent(internal, smallint, anyarray, integer, internal, internal, internal, internal),
        STORAGE int;
    CREATE TABLE n6 (n7 int[], n8 n1);
    CREATE INDEX n9 ON n6 USING gin (n7 n5);
    CREATE INDEX ON n6 (n8 n4);""")
case("operator class changed", FUNCTIONS + "CREATE OPERATOR FAMILY n2 USING btree;" + CLASS + TABLE,
     FUNCTIONS + "CREATE OPERATOR FAMILY n2 USING btree;" + CLASS.replace("OPERATOR 2 <=^, ", "") + TABLE)
case("operator family changed", FUNCTIONS + "CREATE OPERATOR FAMILY n2 USING btree;" + CLASS + TABLE,
     FUNCTIONS + "CREATE OPERATOR FAMILY n2 USING btree;" + CLASS + """
    ALTER OPERATOR FAMILY n2 USING btree ADD OPERATOR 1 <^ (int, int8), FUNCTION 1 (int, int8) n1(int, int8);
     """ + TABLE)
case("operator class for GiST, ordering", """
    CREATE OPERATOR CLASS n1 FOR TYPE point USING gist AS
        OPERATOR 1 <<, OPERATOR 15 <-> (point, point) FOR ORDER BY float_ops,
        FUNCTION 1 gist_point_consistent(internal, point, smallint, oid, internal),
        FUNCTION 2 gist_box_union(internal, internal), FUNCTION 3 gist_point_compress(internal),
        FUNCTION 5 gist_box_penalty(internal, internal, internal),
        FUNCTION 6 gist_box_picksplit(internal, internal), FUNCTION 7 gist_box_same(box, box, internal),
        FUNCTION 8 gist_point_distance(internal, point, smallint, oid, internal), STORAGE box;
    CREATE TABLE n2 (n3 point);
    CREATE INDEX n4 ON n2 USING gist (n3 n1);""")

# ---- casts, conversions, access methods, transforms, languages ------------------------------------

case("cast", """
    CREATE TYPE n1 AS ENUM ('1', '2');
    CREATE TYPE n2 AS (n3 int);
    CREATE FUNCTION n4(int) RETURNS n1 IMMUTABLE LANGUAGE sql AS 'SELECT $1::text::n1';
    CREATE FUNCTION n5(n2, int, bool) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT NULL';
    CREATE CAST (int AS n1) WITH FUNCTION n4(int) AS ASSIGNMENT;
    CREATE CAST (text AS n1) WITH INOUT AS IMPLICIT;
    CREATE CAST (n2 AS text) WITH FUNCTION n5(n2, int, bool);
    COMMENT ON CAST (int AS n1) IS 'a cast';
    CREATE TABLE n6 (n7 n1 DEFAULT 1::n1);""")
case("cast changed", """
    CREATE TYPE n1 AS ENUM ('1', '2');
    CREATE DOMAIN n3 AS int;
    CREATE CAST (text AS n1) WITH INOUT AS IMPLICIT;
    CREATE CAST (n1 AS text) WITH INOUT;""", """
    CREATE TYPE n1 AS ENUM ('1', '2');
    CREATE DOMAIN n3 AS int;
    CREATE CAST (text AS n1) WITH INOUT AS ASSIGNMENT;
    CREATE CAST (n1 AS text) WITH INOUT AS IMPLICIT;""")
case("cast without a function", BASE + """
    CREATE TYPE n1 (input = n2, output = n3, LIKE = text);
    CREATE CAST (n1 AS text) WITHOUT FUNCTION AS IMPLICIT;
    CREATE CAST (text AS n1) WITHOUT FUNCTION AS ASSIGNMENT;
    CREATE TABLE n6 (n7 n1);
    CREATE VIEW n8 AS SELECT n7::text AS x FROM n6;""")
case("conversion", """
    CREATE CONVERSION n1 FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
    CREATE DEFAULT CONVERSION n2 FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1;
    COMMENT ON CONVERSION n1 IS 'a conversion';
    ALTER CONVERSION n1 OWNER TO webuser;""", """
    CREATE DEFAULT CONVERSION n1 FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;""")
case("access method", """
    CREATE ACCESS METHOD n1 TYPE INDEX HANDLER hashhandler;
    CREATE ACCESS METHOD n2 TYPE TABLE HANDLER heap_tableam_handler;
    COMMENT ON ACCESS METHOD n2 IS 'a heap';
    CREATE OPERATOR CLASS n3 FOR TYPE int USING n1 AS OPERATOR 1 =, FUNCTION 1 hashint4(int);
    CREATE TABLE n4 (n5 int) USING n2;
    CREATE INDEX n6 ON n4 USING n1 (n5 n3);
    CREATE MATERIALIZED VIEW n7 USING n2 AS SELECT 1 AS x;""")
case("transform", """
    CREATE FUNCTION n1(internal) RETURNS internal IMMUTABLE STRICT LANGUAGE internal AS 'byteaout';
    CREATE TYPE n2 AS (n3 int);
    CREATE FUNCTION n4(internal) RETURNS n2 IMMUTABLE STRICT LANGUAGE internal AS 'record_recv';
    CREATE TRANSFORM FOR n2 LANGUAGE sql (FROM SQL WITH FUNCTION n1(internal), TO SQL WITH FUNCTION n4(internal));
    COMMENT ON TRANSFORM FOR n2 LANGUAGE sql IS 'a transform';
    CREATE FUNCTION n5(n2) RETURNS int TRANSFORM FOR TYPE n2 LANGUAGE sql AS 'SELECT 1';""")
case("transform changed", """
    CREATE FUNCTION n1(internal) RETURNS internal IMMUTABLE STRICT LANGUAGE internal AS 'byteaout';
    CREATE FUNCTION n4(internal) RETURNS int IMMUTABLE STRICT LANGUAGE internal AS 'int4recv';
    CREATE TRANSFORM FOR int LANGUAGE sql (FROM SQL WITH FUNCTION n1(internal));""", """
    CREATE FUNCTION n1(internal) RETURNS internal IMMUTABLE STRICT LANGUAGE internal AS 'byteaout';
    CREATE FUNCTION n4(internal) RETURNS int IMMUTABLE STRICT LANGUAGE internal AS 'int4recv';
    CREATE TRANSFORM FOR int LANGUAGE sql (TO SQL WITH FUNCTION n4(internal));""")
case("language", """
    CREATE FUNCTION n1() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
    CREATE FUNCTION n2(internal) RETURNS void STRICT LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_inline_handler';
    CREATE FUNCTION n3(oid) RETURNS void STRICT LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_validator';
    CREATE TRUSTED LANGUAGE n4 HANDLER n1 INLINE n2 VALIDATOR n3;
    COMMENT ON LANGUAGE n4 IS 'a language';
    ALTER LANGUAGE n4 OWNER TO webuser;
    REVOKE USAGE ON LANGUAGE n4 FROM PUBLIC;
    GRANT USAGE ON LANGUAGE n4 TO admin;
    CREATE FUNCTION n5() RETURNS int LANGUAGE n4 AS $$ BEGIN RETURN 1; END $$;""", """
    CREATE FUNCTION n1() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
    CREATE LANGUAGE n4 HANDLER n1;""")

# ---- enums in every place ----------------------------------------------------------------------

case("enum labels added", "CREATE TYPE n1 AS ENUM ('b', 'e');",
     "CREATE TYPE n1 AS ENUM ('0', 'a', 'b', 'c', 'it''s', 'd', 'e', 'f', 'g');")
ENUM = """
    CREATE TYPE n1 AS ENUM ({});
    CREATE DOMAIN n2 AS n1 DEFAULT 'a' CHECK (VALUE <> 'b');
    CREATE TYPE n3 AS (x n1);
    CREATE TABLE n4 (a n1 DEFAULT 'a' CHECK (a <> 'b'), b n1[] DEFAULT '{{a}}', c n2, d n3,
                     e text GENERATED ALWAYS AS (CASE a WHEN 'a' THEN 'x' ELSE 'y' END) STORED, PRIMARY KEY (a));
    CREATE INDEX n5 ON n4 (b) WHERE a = 'a';
    CREATE INDEX n6 ON n4 ((a = 'b'));
    CREATE FUNCTION n7(n1, n2, n1[]) RETURNS n1 LANGUAGE sql AS 'SELECT $1';
    CREATE VIEW n8 AS SELECT a, b, n7(a, c, b) AS f FROM n4 WHERE a = 'a';
    CREATE MATERIALIZED VIEW n9 AS SELECT a FROM n8;
    CREATE INDEX ON n9 (a);
    COMMENT ON COLUMN n8.f IS 'of a view';
    COMMENT ON COLUMN n9.a IS 'of a materialized view';
    CREATE AGGREGATE n5(n1) (sfunc = enum_larger, stype = n1);
    CREATE FUNCTION n6() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER n2 BEFORE UPDATE OF a ON n4 FOR EACH ROW WHEN (NEW.a = 'a') EXECUTE FUNCTION n6();"""
case("enum label removed", ENUM.format("'a', 'b', 'c'"), ENUM.format("'b', 'a'"))
case("generated columns of types that change", """
    CREATE DOMAIN n1 AS int CHECK (VALUE > 0);
    CREATE TABLE n2 (a int, b n1, c int GENERATED ALWAYS AS ((a::n1)::int + 1) STORED,
                     d n1 GENERATED ALWAYS AS (a) STORED);""", """
    CREATE DOMAIN n1 AS bigint CHECK (VALUE > 0);
    CREATE TABLE n2 (a int, b n1, c int GENERATED ALWAYS AS ((a::n1)::int + 1) STORED,
                     d n1 GENERATED ALWAYS AS (a) STORED);""")
case("enum in a partition's bound", """
    CREATE TYPE n1 AS ENUM ('a', 'b');
    CREATE TABLE n2 (n3 n1) PARTITION BY LIST (n3);
    CREATE TABLE n4 PARTITION OF n2 FOR VALUES IN ('a');""")

# ---- views, as far as their columns and indexes go ---------------------------------------------

case("columns of views", """
    CREATE TABLE n1 (a int, b text);
    CREATE VIEW n2 AS SELECT a FROM n1;
    CREATE MATERIALIZED VIEW n3 AS SELECT a FROM n1;""", """
    CREATE TABLE n1 (a int, b text);
    CREATE VIEW n2 AS SELECT a, b AS n5 FROM n1;
    ALTER VIEW n2 ALTER a SET DEFAULT 3;
    COMMENT ON COLUMN n2.a IS 'old';
    COMMENT ON COLUMN n2.n5 IS 'new';
    GRANT SELECT (n5) ON n2 TO admin;
    CREATE MATERIALIZED VIEW n3 AS SELECT a, b AS n5 FROM n1;
    CREATE UNIQUE INDEX n4 ON n3 (n5);
    COMMENT ON INDEX n4 IS 'an index';
    ALTER MATERIALIZED VIEW n3 CLUSTER ON n4;""")

# ---- routines ----------------------------------------------------------------------------------

USERS = """
    CREATE TABLE n2 (a int DEFAULT n1(1), b int GENERATED ALWAYS AS (n1(a)) STORED, CHECK (n1(a) > 0));
    CREATE INDEX n3 ON n2 (n1(b));
    CREATE VIEW n4 AS SELECT n1(a) AS x FROM n2;
    CREATE MATERIALIZED VIEW n5 AS SELECT x FROM n4 WHERE n1(x) > 0;
    ALTER TABLE n2 ENABLE ROW LEVEL SECURITY;
    CREATE DOMAIN n6 AS int DEFAULT n1(2) CHECK (n1(VALUE) > 0);
    CREATE TABLE n7 (a n6);
    CREATE FUNCTION n8(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE OPERATOR @^@ (function = n1, rightarg = int);
    CREATE AGGREGATE n9(int) (sfunc = int4pl, stype = int, finalfunc = n1);
    CREATE VIEW n3v AS SELECT OPERATOR(public.@^@) 3 AS y, n9(a) FROM n2;"""
FUNCTION = "CREATE FUNCTION n1({}) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT {}';"
case("function rebuilt under its users", FUNCTION.format("n9 int", 1) + USERS, FUNCTION.format("n8 int", 2) + USERS)
case("function replaced under its users", FUNCTION.format("n9 int", 1) + USERS, FUNCTION.format("n9 int", 2) + USERS)
case("function, what CREATE OR REPLACE cannot", """
    CREATE FUNCTION n1(a int, b int DEFAULT 1, c int DEFAULT 2) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION n2(a int, OUT b int, OUT c text) LANGUAGE sql AS $$SELECT 1, 'x'::text$$;
    CREATE FUNCTION n3() RETURNS TABLE (x int, y text) LANGUAGE sql AS $$SELECT 1, 'x'::text$$;
    CREATE FUNCTION n4(VARIADIC a int[]) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION n5() RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION n6(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION n7(int) RETURNS int LANGUAGE sql AS 'SELECT 1';""", """
    CREATE FUNCTION n1(a int, b int DEFAULT 5, c int DEFAULT 2, d int DEFAULT 3) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION n2(a int, OUT b bigint, OUT c text) LANGUAGE sql AS $$SELECT 1::bigint, 'x'::text$$;
    CREATE FUNCTION n3() RETURNS TABLE (x int, z text) LANGUAGE sql AS $$SELECT 1, 'x'::text$$;
    CREATE FUNCTION n4(a int[]) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION n5() RETURNS SETOF int LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION n6(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE PROCEDURE n7(int) LANGUAGE sql AS 'SELECT 1';""")
case("function with everything", """
    CREATE FUNCTION n1(n2 int, INOUT n3 text DEFAULT 'it''s', VARIADIC n4 int[] DEFAULT '{}') RETURNS SETOF text
        LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER LEAKPROOF PARALLEL RESTRICTED COST 7 ROWS 9
        SET search_path = n5, "$user", '' SET work_mem = '4MB' SET DateStyle = 'ISO, DMY'
        AS $x$ BEGIN n3 := '$function$ \\ '; RETURN NEXT; END $x$;
    COMMENT ON FUNCTION n1 IS 'a function';
    ALTER FUNCTION n1 OWNER TO webuser;
    REVOKE EXECUTE ON FUNCTION n1 FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION n1 TO admin;
    CREATE PROCEDURE n6(INOUT n7 int) LANGUAGE plpgsql AS 'BEGIN COMMIT; END';
    COMMENT ON PROCEDURE n6 IS 'a procedure';
    GRANT EXECUTE ON PROCEDURE n6 TO admin;
    CREATE FUNCTION n8() RETURNS bigint WINDOW LANGUAGE internal AS 'window_row_number';
    CREATE FUNCTION n9(int, int) RETURNS int LANGUAGE internal SUPPORT generate_series_int4_support AS 'int4pl';
    CREATE FUNCTION n1(anyelement, anyarray) RETURNS anyelement LANGUAGE sql AS 'SELECT $1';
    CREATE FUNCTION n5() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';""")
case("function of tables", """
    CREATE TABLE n1 (n2 int);
    CREATE FUNCTION n3() RETURNS SETOF n1 LANGUAGE sql AS 'SELECT * FROM n1';
    CREATE FUNCTION n4(n1) RETURNS int LANGUAGE sql AS 'SELECT $1.n2';
    CREATE VIEW n5 AS SELECT n4(x) AS y FROM n3() x;
    CREATE FUNCTION n6(n5) RETURNS int LANGUAGE sql AS 'SELECT 1';""", """
    CREATE TABLE n1 (n2 bigint, n7 text);
    CREATE FUNCTION n3() RETURNS SETOF n1 LANGUAGE sql AS 'SELECT * FROM n1';
    CREATE FUNCTION n4(n1) RETURNS bigint LANGUAGE sql AS 'SELECT $1.n2';
    CREATE VIEW n5 AS SELECT n4(x) AS y FROM n3() x;
    CREATE FUNCTION n6(n5) RETURNS int LANGUAGE sql AS 'SELECT 1';""")
ATOMIC = """
    CREATE TABLE n1 (n2 {}, n3 text);
    CREATE VIEW n4 AS SELECT n2 FROM n1;
    CREATE FUNCTION n5() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT sum(n2)::bigint FROM n4; END;
    CREATE FUNCTION n6(x int) RETURNS bigint LANGUAGE sql RETURN n5() + x;
    CREATE PROCEDURE n7(y text) LANGUAGE sql BEGIN ATOMIC INSERT INTO n1 VALUES (1, y); SELECT n6(2); END;
    CREATE VIEW n8 AS SELECT n6(1) AS z;
    CREATE TABLE n9 (a bigint DEFAULT n6(3));"""
case("functions with bodies that are parsed", ATOMIC.format("int"), ATOMIC.format("bigint"), 14)
case("what names only columns that go, of a table that is made anew", """
    CREATE TABLE n1 (a int, n2 int) PARTITION BY LIST (a);
    CREATE FUNCTION n3() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM n1 WHERE n2 > 0; END;
    CREATE VIEW n4 AS SELECT n2 AS z FROM n1; CREATE VIEW n5 AS SELECT n3() AS f, z FROM n4;""", """
    CREATE TABLE n1 (a int, n6 int) PARTITION BY RANGE (a);
    CREATE FUNCTION n3() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM n1 WHERE n6 > 0; END;
    CREATE VIEW n4 AS SELECT n6 AS z FROM n1; CREATE VIEW n5 AS SELECT n3() AS f, z FROM n4;""", 14)
case("procedure with OUT", """
    CREATE PROCEDURE n1(n2 int, OUT n3 text) LANGUAGE sql AS $$SELECT 'x'::text$$;
    COMMENT ON PROCEDURE n1(int, OUT text) IS 'a procedure';
    GRANT EXECUTE ON PROCEDURE n1(int, OUT text) TO admin;""", """
    CREATE PROCEDURE n1(n2 int, OUT n3 int) LANGUAGE sql AS $$SELECT 1$$;""", 14)
case("trigger function rebuilt", """
    CREATE FUNCTION n1() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TABLE n2 (a int);
    CREATE TRIGGER n3 BEFORE INSERT ON n2 FOR EACH ROW EXECUTE FUNCTION n1();""", """
    CREATE FUNCTION n1() RETURNS trigger LANGUAGE sql AS 'SELECT 1';""".replace("trigger LANGUAGE sql AS 'SELECT 1'",
    "int LANGUAGE sql AS 'SELECT 1'") + """
    CREATE FUNCTION n4() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TABLE n2 (a int);
    CREATE TRIGGER n3 BEFORE INSERT ON n2 FOR EACH ROW EXECUTE FUNCTION n4();""")


@pytest.fixture(scope="module")
def roles(server):
    for role in ("webuser", "admin"):
        try:
            server.execute(f'CREATE ROLE "{role}"')
        except errors.DuplicateObject:
            pass


def dressed(sql, hard):
    return re.sub(r"\bn[1-9]\b", lambda m: HARD[m.group()], sql) if hard else sql


def pair(make_database, before, after):
    x, y = make_database(), make_database()
    for database, sql in ((x, before), (y, after)):
        problem = load(database, sql)
        assert not problem, f"does not load: {problem}\n{sql}"
    return x, y


def need(server, minimum):
    if server.major < minimum:
        pytest.skip(f"PostgreSQL {minimum}")


def test_a_label_in_a_partition_key_is_added(plan_tool, make_database):
    sql = """CREATE TYPE mood AS ENUM ('a'{});
             CREATE TABLE t (m mood) PARTITION BY LIST (m);
             CREATE TABLE t_a PARTITION OF t FOR VALUES IN ('a'{});"""
    x, y = pair(make_database, sql.format("", ""), sql.format(", 'b'", ", 'b'"))
    assert turn(plan_tool, x, y) is None


@pytest.mark.many
@pytest.mark.parametrize("hard", [False, True], ids=["plain", "hard"])
@pytest.mark.parametrize("name", CASES)
def test_kind(name, hard, plan_tool, server, make_database, roles):
    before, after, minimum = CASES[name]
    need(server, minimum)
    x, y = pair(make_database, dressed(before, hard), dressed(after, hard))
    problems = turn_both_ways(plan_tool, server, x, y)
    assert not problems, "\n".join(problems)


def rows(database, query):
    connection = database.connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()
    finally:
        connection.close()


# name of a type, its first form, values of a column of it, its second form, what they are then
KEPT = {
    "enum": ("ENUM ('a', 'b', 'c')", "n1", ["'a'", "'c'", "NULL"], "ENUM ('c', 'a')", ["a", "c", None]),
    "enum array": ("ENUM ('a', 'b', 'c')", "n1[]", ["'{a,c,NULL}'", "'{}'"], "ENUM ('c', 'a')",
                   ["{a,c,NULL}", "{}"]),
    "composite, another type": ("(x int, y text)", "n1", ["(1, 'a, b')", "(NULL, NULL)", "NULL"],
                                "(x bigint, y text)", ['(1,"a, b")', "(,)", None]),
    "composite, reordered": ("(x int, y text)", "n1", ["(1, 'a, b')", "(NULL, NULL)", "NULL"],
                             "(y text, x int)", ['("a, b",1)', "(,)", None]),
    "composite, another type and more": ("(x int, y text)", "n1", ["(1, 'a')", "NULL"],
                                         "(x bigint, z date, y text)", ["(1,,a)", None]),
    "composite, added and dropped": ("(x int, y text, z int)", "n1", ["(1, 'a', 2)", "NULL"],
                                     "(x int, z int, w text)", ["(1,2,)", None]),
    "range": ("RANGE (subtype = int4)", "n1", ["'[1,5)'", "'empty'", "NULL"],
              "RANGE (subtype = int4, subtype_diff = int4range_subdiff)", ["[1,5)", "empty", None]),
}


@pytest.mark.parametrize("name", KEPT)
def test_values_move_over(name, plan_tool, make_database):
    first, column, values, second, expected = KEPT[name]
    table = f"CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, v {column});"
    x, y = pair(make_database, f"CREATE TYPE n1 AS {first}; {table}", f"CREATE TYPE n1 AS {second}; {table}")
    assert load(x, "".join(f"INSERT INTO t (v) VALUES ({v});" for v in values)) is None
    assert turn(plan_tool, x, y) is None
    assert [r[0] for r in rows(x, "SELECT v::text FROM t ORDER BY id")] == expected


@pytest.mark.slow
def test_everything_at_once_survives_a_dump(plan_tool, make_database, server, roles):
    """All cases side by side, a schema each, dumped into an empty database."""
    x, empty = make_database(), make_database()
    for number, (before, _, minimum) in enumerate(CASES.values()):
        # some name schema public or make what a database has only once
        if minimum > server.major or re.search(r"public\.|CAST|LANGUAGE n|ACCESS METHOD|DEFAULT CONV|TRANSFORM|n3v|SCHEMA",
                                               before):
            continue
        problem = load(x, f"CREATE SCHEMA s{number}; SET search_path = s{number}, public;\n{before}")
        assert not problem, problem
    dump = plan_tool.dump(x)
    assert not dump["notes"], dump["notes"]
    problem = apply(empty, dump)
    assert not problem, problem
    again = plan_tool.diff(empty, x)
    assert not again["changes"] and not again["sql"], f"{brief(again)}\n{text(again)}"
    assert plan_tool.read(empty)["fingerprint"] == plan_tool.read(x)["fingerprint"]
