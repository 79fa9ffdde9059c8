COPY t FROM stdin;
\.x
 \.
\
\..
\.
X