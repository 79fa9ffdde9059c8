COPY t (a, b) FROM stdin;
1	one
2	two;
\.
SELECT 1;
