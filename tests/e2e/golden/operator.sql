--- kinds: operator
--- before
CREATE SCHEMA n1;
CREATE OPERATOR n1.@@@ (function = int4eq, leftarg = int, rightarg = int, commutator = OPERATOR(n1.@@@), restrict = eqsel, join = eqjoinsel);
CREATE OPERATOR n1.~~~ (function = int4um, rightarg = int);
--- after
CREATE SCHEMA n1;
CREATE OPERATOR n1.@@@ (function = int4eq, leftarg = int, rightarg = int, commutator = OPERATOR(n1.@@@), hashes);
COMMENT ON OPERATOR n1.@@@ (int, int) IS 'x';
--- dump
CREATE SCHEMA n1;
ALTER SCHEMA n1 OWNER TO postgres;

CREATE OPERATOR n1.@@@ (FUNCTION = int4eq, LEFTARG = integer, RIGHTARG = integer, COMMUTATOR = OPERATOR(n1.@@@), RESTRICT = eqsel, JOIN = eqjoinsel);
ALTER OPERATOR n1.@@@ (integer, integer) OWNER TO postgres;

CREATE OPERATOR n1.~~~ (FUNCTION = int4um, RIGHTARG = integer);
ALTER OPERATOR n1.~~~ (NONE, integer) OWNER TO postgres;
--- change
DROP OPERATOR n1.@@@ (integer, integer);
DROP OPERATOR n1.~~~ (NONE, integer);
CREATE OPERATOR n1.@@@ (FUNCTION = int4eq, LEFTARG = integer, RIGHTARG = integer, COMMUTATOR = OPERATOR(n1.@@@), HASHES);
COMMENT ON OPERATOR n1.@@@ (integer, integer) IS 'x';
--- change 17
DROP OPERATOR n1.~~~ (NONE, integer);
ALTER OPERATOR n1.@@@ (integer, integer) SET (RESTRICT = NONE);
ALTER OPERATOR n1.@@@ (integer, integer) SET (JOIN = NONE);
COMMENT ON OPERATOR n1.@@@ (integer, integer) IS 'x';
ALTER OPERATOR n1.@@@ (integer, integer) SET (HASHES);
