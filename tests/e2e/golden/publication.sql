--- kinds: publication, publication table
--- before
CREATE TABLE n1 (n2 int PRIMARY KEY);
CREATE TABLE n3 (n4 int PRIMARY KEY);
CREATE PUBLICATION n5 FOR TABLE n1 WITH (publish = 'insert, delete');
CREATE PUBLICATION n6 FOR ALL TABLES;
--- after
CREATE TABLE n1 (n2 int PRIMARY KEY);
CREATE TABLE n3 (n4 int PRIMARY KEY);
CREATE PUBLICATION n5 FOR TABLE n1, n3;
CREATE PUBLICATION n6;
COMMENT ON PUBLICATION n6 IS 'of nothing';
--- dump
CREATE TABLE public.n1 (
    n2 integer NOT NULL,
    CONSTRAINT n1_pkey PRIMARY KEY (n2)
);
ALTER TABLE public.n1 OWNER TO postgres;

CREATE TABLE public.n3 (
    n4 integer NOT NULL,
    CONSTRAINT n3_pkey PRIMARY KEY (n4)
);
ALTER TABLE public.n3 OWNER TO postgres;

CREATE PUBLICATION n5 WITH (publish = 'insert, delete');
ALTER PUBLICATION n5 OWNER TO postgres;

CREATE PUBLICATION n6 FOR ALL TABLES WITH (publish = 'insert, update, delete, truncate');
ALTER PUBLICATION n6 OWNER TO postgres;

ALTER PUBLICATION n5 ADD TABLE ONLY public.n1;
--- change
DROP PUBLICATION n6;
ALTER PUBLICATION n5 SET (publish = 'insert, update, delete, truncate');
CREATE PUBLICATION n6 WITH (publish = 'insert, update, delete, truncate');
COMMENT ON PUBLICATION n6 IS 'of nothing';
ALTER PUBLICATION n5 ADD TABLE ONLY public.n3;
