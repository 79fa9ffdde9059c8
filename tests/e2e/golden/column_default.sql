--- kinds: default, column
--- before
CREATE SEQUENCE n5;
CREATE TABLE n1 (n2 int DEFAULT nextval('n5'), n3 text DEFAULT 'a\b', n4 timestamptz DEFAULT CURRENT_TIMESTAMP);
--- after
CREATE SEQUENCE n5;
CREATE TABLE n1 (n2 int, n3 text DEFAULT upper('b'), n4 timestamptz DEFAULT '2024-01-01 00:00+00');
--- dump
CREATE SEQUENCE public.n5;
ALTER SEQUENCE public.n5 OWNER TO postgres;

CREATE TABLE public.n1 (
    n2 integer DEFAULT nextval('public.n5'::regclass),
    n3 text DEFAULT 'a\b'::text,
    n4 timestamp with time zone DEFAULT CURRENT_TIMESTAMP
);
ALTER TABLE public.n1 OWNER TO postgres;
--- change
ALTER TABLE public.n1 ALTER COLUMN n2 DROP DEFAULT;
ALTER TABLE public.n1 ALTER COLUMN n3 SET DEFAULT upper('b'::text);
ALTER TABLE public.n1 ALTER COLUMN n4 SET DEFAULT '2024-01-01 00:00:00+00'::timestamp with time zone;
