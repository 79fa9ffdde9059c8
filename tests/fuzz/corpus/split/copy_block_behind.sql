COPY t FROM stdin; /* c
 */
1
\.
