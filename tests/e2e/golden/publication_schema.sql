--- kinds: publication schema, publication table
--- since: 15
--- before
CREATE SCHEMA n1;
CREATE TABLE n2 (n3 int PRIMARY KEY, n4 text);
CREATE PUBLICATION n5 FOR TABLES IN SCHEMA n1, TABLE n2 WHERE (n3 > 5);
--- after
CREATE SCHEMA n1;
CREATE TABLE n2 (n3 int PRIMARY KEY, n4 text);
CREATE PUBLICATION n5 FOR TABLE n2 (n3) WHERE (n3 > 6);
--- dump
CREATE SCHEMA n1;
ALTER SCHEMA n1 OWNER TO postgres;

CREATE TABLE public.n2 (
    n3 integer NOT NULL,
    n4 text,
    CONSTRAINT n2_pkey PRIMARY KEY (n3)
);
ALTER TABLE public.n2 OWNER TO postgres;

CREATE PUBLICATION n5 WITH (publish = 'insert, update, delete, truncate');
ALTER PUBLICATION n5 OWNER TO postgres;
ALTER PUBLICATION n5 ADD TABLE ONLY public.n2 WHERE ((n3 > 5));
ALTER PUBLICATION n5 ADD TABLES IN SCHEMA n1;
--- change
ALTER PUBLICATION n5 DROP TABLES IN SCHEMA n1;
ALTER PUBLICATION n5 DROP TABLE ONLY public.n2;
ALTER PUBLICATION n5 ADD TABLE ONLY public.n2 (n3) WHERE ((n3 > 6));
