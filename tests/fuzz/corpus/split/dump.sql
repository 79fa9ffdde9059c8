\restrict abc

SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);

COPY public.a (id) FROM stdin;
1
\.

\unrestrict abc
