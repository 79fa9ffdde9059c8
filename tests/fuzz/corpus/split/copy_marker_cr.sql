COPY t FROM stdin;
\.