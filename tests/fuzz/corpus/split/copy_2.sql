COPY t FROM stdin;
1	2
\N	;'
\.
SELECT 1;