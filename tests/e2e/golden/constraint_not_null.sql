--- kinds: column
--- since: 18
--- before
CREATE TABLE n1 (n2 int CONSTRAINT n3 NOT NULL, n4 int NOT NULL);
COMMENT ON CONSTRAINT n3 ON n1 IS 'why';
--- after
CREATE TABLE n1 (n2 int CONSTRAINT n5 NOT NULL, n4 int CONSTRAINT n6 NOT NULL NO INHERIT);
--- dump
CREATE TABLE public.n1 (
    n2 integer CONSTRAINT n3 NOT NULL,
    n4 integer CONSTRAINT n1_n4_not_null NOT NULL
);
ALTER TABLE public.n1 OWNER TO postgres;
--- change
ALTER TABLE public.n1 RENAME CONSTRAINT n3 TO n5;
ALTER TABLE public.n1 RENAME CONSTRAINT n1_n4_not_null TO n6;
