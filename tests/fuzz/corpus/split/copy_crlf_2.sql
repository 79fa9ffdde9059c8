COPY t (a, b) FROM STDIN WITH (FORMAT csv);
1,2
\.
X