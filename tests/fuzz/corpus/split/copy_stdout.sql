COPY s.from FROM stdout;
1
\.
