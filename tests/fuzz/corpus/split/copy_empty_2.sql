COPY t FROM stdin;
\.
X