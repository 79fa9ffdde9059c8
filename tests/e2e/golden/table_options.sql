--- kinds: table
--- before
CREATE TABLE n1 (n2 int PRIMARY KEY, n3 text) WITH (fillfactor = 70, autovacuum_enabled = false);
ALTER TABLE n1 REPLICA IDENTITY FULL;
--- after
CREATE TABLE n1 (n2 int NOT NULL CONSTRAINT n4 UNIQUE, n3 text) WITH (fillfactor = 80, toast.autovacuum_enabled = false);
ALTER TABLE n1 REPLICA IDENTITY USING INDEX n4;
--- dump
CREATE TABLE public.n1 (
    n2 integer NOT NULL,
    n3 text,
    CONSTRAINT n1_pkey PRIMARY KEY (n2)
) WITH (autovacuum_enabled='false', fillfactor='70');
ALTER TABLE public.n1 OWNER TO postgres;
ALTER TABLE public.n1 REPLICA IDENTITY FULL;
--- change
ALTER TABLE public.n1 DROP CONSTRAINT n1_pkey;
ALTER TABLE public.n1 RESET (autovacuum_enabled);
ALTER TABLE public.n1 SET (fillfactor='80', toast.autovacuum_enabled='false');
ALTER TABLE public.n1 ADD CONSTRAINT n4 UNIQUE (n2);
ALTER TABLE public.n1 REPLICA IDENTITY USING INDEX n4;
