--- kinds: table, partition, index
--- before
CREATE TABLE n1 (n2 int, n3 date NOT NULL, PRIMARY KEY (n2, n3)) PARTITION BY RANGE (n3);
CREATE TABLE n4 PARTITION OF n1 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE n5 PARTITION OF n1 DEFAULT;
CREATE INDEX n6 ON n1 (n2);
--- after
CREATE TABLE n1 (n2 int, n3 date NOT NULL, PRIMARY KEY (n2, n3)) PARTITION BY RANGE (n3);
CREATE TABLE n4 PARTITION OF n1 FOR VALUES FROM ('2024-01-01') TO ('2026-01-01');
CREATE TABLE n5 (n2 int, n3 date NOT NULL);
CREATE TABLE n7 PARTITION OF n1 FOR VALUES FROM (MINVALUE) TO ('2024-01-01') PARTITION BY HASH (n2);
CREATE TABLE n8 PARTITION OF n7 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE INDEX n6 ON n1 (n3);
--- dump
CREATE TABLE public.n1 (
    n2 integer NOT NULL,
    n3 date NOT NULL,
    CONSTRAINT n1_pkey PRIMARY KEY (n2, n3)
) PARTITION BY RANGE (n3);
ALTER TABLE public.n1 OWNER TO postgres;

CREATE TABLE public.n4 (
    n2 integer NOT NULL,
    n3 date NOT NULL,
    CONSTRAINT n4_pkey PRIMARY KEY (n2, n3)
);
ALTER TABLE public.n4 OWNER TO postgres;

CREATE TABLE public.n5 (
    n2 integer NOT NULL,
    n3 date NOT NULL,
    CONSTRAINT n5_pkey PRIMARY KEY (n2, n3)
);
ALTER TABLE public.n5 OWNER TO postgres;

CREATE INDEX n6 ON ONLY public.n1 USING btree (n2);

CREATE INDEX n4_n2_idx ON public.n4 USING btree (n2);
ALTER TABLE public.n1 ATTACH PARTITION public.n4 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');

CREATE INDEX n5_n2_idx ON public.n5 USING btree (n2);
ALTER TABLE public.n1 ATTACH PARTITION public.n5 DEFAULT;
--- dump 18
CREATE TABLE public.n1 (
    n2 integer CONSTRAINT n1_n2_not_null NOT NULL,
    n3 date CONSTRAINT n1_n3_not_null NOT NULL,
    CONSTRAINT n1_pkey PRIMARY KEY (n2, n3)
) PARTITION BY RANGE (n3);
ALTER TABLE public.n1 OWNER TO postgres;

CREATE TABLE public.n4 (
    n2 integer CONSTRAINT n1_n2_not_null NOT NULL,
    n3 date CONSTRAINT n1_n3_not_null NOT NULL,
    CONSTRAINT n4_pkey PRIMARY KEY (n2, n3)
);
ALTER TABLE public.n4 OWNER TO postgres;

CREATE TABLE public.n5 (
    n2 integer CONSTRAINT n1_n2_not_null NOT NULL,
    n3 date CONSTRAINT n1_n3_not_null NOT NULL,
    CONSTRAINT n5_pkey PRIMARY KEY (n2, n3)
);
ALTER TABLE public.n5 OWNER TO postgres;

CREATE INDEX n6 ON ONLY public.n1 USING btree (n2);

CREATE INDEX n4_n2_idx ON public.n4 USING btree (n2);
ALTER TABLE public.n1 ATTACH PARTITION public.n4 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');

CREATE INDEX n5_n2_idx ON public.n5 USING btree (n2);
ALTER TABLE public.n1 ATTACH PARTITION public.n5 DEFAULT;
--- change
ALTER TABLE public.n1 DETACH PARTITION public.n4;
DROP INDEX public.n4_n2_idx;
ALTER TABLE public.n1 DETACH PARTITION public.n5;
DROP INDEX public.n5_n2_idx;
DROP INDEX public.n6;
ALTER TABLE public.n5 DROP CONSTRAINT n5_pkey;
CREATE TABLE public.n7 (
    n2 integer NOT NULL,
    n3 date NOT NULL,
    CONSTRAINT n7_pkey PRIMARY KEY (n2, n3)
) PARTITION BY HASH (n2);
CREATE TABLE public.n8 (
    n2 integer NOT NULL,
    n3 date NOT NULL,
    CONSTRAINT n8_pkey PRIMARY KEY (n2, n3)
);
ALTER TABLE public.n5 ALTER COLUMN n2 DROP NOT NULL;
CREATE INDEX n6 ON ONLY public.n1 USING btree (n3);
CREATE INDEX n4_n3_idx ON public.n4 USING btree (n3);
ALTER TABLE public.n1 ATTACH PARTITION public.n4 FOR VALUES FROM ('2024-01-01') TO ('2026-01-01');
CREATE INDEX n7_n3_idx ON ONLY public.n7 USING btree (n3);
ALTER TABLE public.n1 ATTACH PARTITION public.n7 FOR VALUES FROM (MINVALUE) TO ('2024-01-01');
CREATE INDEX n8_n3_idx ON public.n8 USING btree (n3);
ALTER TABLE public.n7 ATTACH PARTITION public.n8 FOR VALUES WITH (modulus 2, remainder 0);
ALTER INDEX public.n6 ATTACH PARTITION public.n4_n3_idx;
--- change 18
ALTER TABLE public.n1 DETACH PARTITION public.n4;
DROP INDEX public.n4_n2_idx;
ALTER TABLE public.n1 DETACH PARTITION public.n5;
DROP INDEX public.n5_n2_idx;
DROP INDEX public.n6;
ALTER TABLE public.n5 DROP CONSTRAINT n5_pkey;
CREATE TABLE public.n7 (
    n2 integer CONSTRAINT n1_n2_not_null NOT NULL,
    n3 date CONSTRAINT n1_n3_not_null NOT NULL,
    CONSTRAINT n7_pkey PRIMARY KEY (n2, n3)
) PARTITION BY HASH (n2);
CREATE TABLE public.n8 (
    n2 integer CONSTRAINT n1_n2_not_null NOT NULL,
    n3 date CONSTRAINT n1_n3_not_null NOT NULL,
    CONSTRAINT n8_pkey PRIMARY KEY (n2, n3)
);
ALTER TABLE public.n5 ALTER COLUMN n2 DROP NOT NULL;
ALTER TABLE public.n5 RENAME CONSTRAINT n1_n3_not_null TO n5_n3_not_null;
CREATE INDEX n6 ON ONLY public.n1 USING btree (n3);
CREATE INDEX n4_n3_idx ON public.n4 USING btree (n3);
ALTER TABLE public.n1 ATTACH PARTITION public.n4 FOR VALUES FROM ('2024-01-01') TO ('2026-01-01');
CREATE INDEX n7_n3_idx ON ONLY public.n7 USING btree (n3);
ALTER TABLE public.n1 ATTACH PARTITION public.n7 FOR VALUES FROM (MINVALUE) TO ('2024-01-01');
CREATE INDEX n8_n3_idx ON public.n8 USING btree (n3);
ALTER TABLE public.n7 ATTACH PARTITION public.n8 FOR VALUES WITH (modulus 2, remainder 0);
ALTER INDEX public.n6 ATTACH PARTITION public.n4_n3_idx;
