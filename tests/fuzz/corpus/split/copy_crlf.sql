COPY public.t FROM stdin WITH (FORMAT csv);
1,"a;b"
\.
SELECT 1;
