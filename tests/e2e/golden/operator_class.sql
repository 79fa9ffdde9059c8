--- kinds: operator class, operator family, family operator, family function
--- before
CREATE OPERATOR FAMILY n1 USING btree;
CREATE OPERATOR CLASS n2 FOR TYPE int USING btree FAMILY n1 AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(int, int);
CREATE OPERATOR FAMILY n3 USING hash;
--- after
CREATE OPERATOR FAMILY n1 USING btree;
CREATE OPERATOR CLASS n2 FOR TYPE int USING btree FAMILY n1 AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(int, int);
ALTER OPERATOR FAMILY n1 USING btree ADD OPERATOR 1 < (int, bigint), FUNCTION 1 btint48cmp(int, bigint);
COMMENT ON OPERATOR CLASS n2 USING btree IS 'x';
COMMENT ON OPERATOR FAMILY n1 USING btree IS 'y';
--- dump
CREATE OPERATOR FAMILY public.n1 USING btree;
ALTER OPERATOR FAMILY public.n1 USING btree OWNER TO postgres;

CREATE OPERATOR FAMILY public.n3 USING hash;
ALTER OPERATOR FAMILY public.n3 USING hash OWNER TO postgres;

CREATE OPERATOR CLASS public.n2 FOR TYPE integer USING btree FAMILY public.n1 AS OPERATOR 1 <(integer,integer), OPERATOR 2 <=(integer,integer), OPERATOR 3 =(integer,integer), OPERATOR 4 >=(integer,integer), OPERATOR 5 >(integer,integer), FUNCTION 1 btint4cmp(integer,integer);
ALTER OPERATOR CLASS public.n2 USING btree OWNER TO postgres;
--- change
DROP OPERATOR FAMILY public.n3 USING hash;
COMMENT ON OPERATOR FAMILY public.n1 USING btree IS 'y';
ALTER OPERATOR FAMILY public.n1 USING btree ADD operator 1 <(integer,bigint);
ALTER OPERATOR FAMILY public.n1 USING btree ADD function 1 (integer, bigint) btint48cmp(integer,bigint);
COMMENT ON OPERATOR CLASS public.n2 USING btree IS 'x';
