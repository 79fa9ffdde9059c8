--- kinds: aggregate
--- before
CREATE AGGREGATE n1(int) (sfunc = int4pl, stype = int, initcond = '0');
CREATE AGGREGATE n2(*) (sfunc = int8inc, stype = int8, initcond = '0');
--- after
CREATE AGGREGATE n1(int) (sfunc = int4pl, stype = int, initcond = '5', combinefunc = int4pl, parallel = safe);
COMMENT ON AGGREGATE n1(int) IS 'sums';
--- dump
CREATE AGGREGATE public.n1(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0');
ALTER AGGREGATE public.n1(integer) OWNER TO postgres;

CREATE AGGREGATE public.n2(*) (SFUNC = int8inc, STYPE = bigint, INITCOND = '0');
ALTER AGGREGATE public.n2(*) OWNER TO postgres;
--- change
DROP AGGREGATE public.n2(*);
CREATE OR REPLACE AGGREGATE public.n1(integer) (SFUNC = int4pl, STYPE = integer, COMBINEFUNC = int4pl, INITCOND = '5', PARALLEL = SAFE);
COMMENT ON AGGREGATE public.n1(integer) IS 'sums';
