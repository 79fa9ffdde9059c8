--- kinds: table, column, default, constraint
--- before
CREATE TABLE n1 (n2 bigint PRIMARY KEY, n3 text NOT NULL DEFAULT 'it''s', n4 numeric(10,2));
--- after
CREATE TABLE n1 (n2 bigint PRIMARY KEY, n3 varchar(40) DEFAULT 'other', n5 timestamptz NOT NULL DEFAULT now());
CREATE TABLE n6 ();
--- dump
CREATE TABLE public.n1 (
    n2 bigint NOT NULL,
    n3 text DEFAULT 'it''s'::text NOT NULL,
    n4 numeric(10,2),
    CONSTRAINT n1_pkey PRIMARY KEY (n2)
);
ALTER TABLE public.n1 OWNER TO postgres;
--- change
ALTER TABLE public.n1 ALTER COLUMN n3 DROP DEFAULT;
ALTER TABLE public.n1 DROP COLUMN n4;
CREATE TABLE public.n6 (
);
ALTER TABLE public.n1 ALTER COLUMN n3 TYPE character varying(40) USING n3::character varying(40);
ALTER TABLE public.n1 ALTER COLUMN n3 DROP NOT NULL;
ALTER TABLE public.n1 ADD COLUMN n5 timestamp with time zone DEFAULT now() NOT NULL;
ALTER TABLE public.n1 ALTER COLUMN n3 SET DEFAULT 'other'::character varying;
