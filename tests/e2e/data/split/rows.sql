-- Rows, COPY and its data.
INSERT INTO app.users (email, name, created_at) VALUES ('a;b@example.com', 'it''s', '2024-01-01'), (E'c\'@x', $$d;$$, '2024-01-02');
-- @end
INSERT INTO app.orders (id, note) SELECT g, 'n;' || g FROM generate_series(1, 5) g ON CONFLICT (id) DO UPDATE SET note = ';';
-- @end
UPDATE app.copied SET b = 'x;y' WHERE b = ';' RETURNING *;
-- @end
DELETE FROM app.copied USING app.users u WHERE u.email = ';';
-- @end
-- @pg 15
MERGE INTO app.copied c USING (VALUES (1, ';')) v(a, b) ON c.a = v.a WHEN MATCHED THEN UPDATE SET b = v.b WHEN NOT MATCHED THEN INSERT VALUES (v.a, v.b);
-- @end
WITH gone AS (DELETE FROM app.copied WHERE a = 99 RETURNING *) INSERT INTO app.copied SELECT * FROM gone;
-- @end
CREATE TABLE app.odd (a text, b text);
-- @end
COPY app.odd FROM stdin;
plain	text
semi;colon	quote'dquote"dollar$$
\N	\\N
\\.	back\\slash
-- not a comment	/* nor this
tab\there	new\nline
ünï😀	
\.
-- @end
COPY app.odd (b, a) FROM STDIN WITH (FORMAT csv, HEADER true, DELIMITER ';', QUOTE '"');
b;a
"one; quoted";two
"a ""quote""
and a line";'
\. ;x
\.
-- @end
copy"app"."odd"from stdin with delimiter ',' null 'nil'; -- the data follow
1,nil
'2',"3"
\.
-- @end
COPY app.odd FROM stdin;
\.
-- @end
-- @pg 12
COPY app.odd (a) FROM stdin WHERE a <> ';';
;
kept;
\.
-- @end
TRUNCATE app.cache, app.child;
-- @end
CREATE TABLE app."from" (a text);
-- @end
COPY app.from FROM stdin;
table called from
\.
-- @psql takes the table's name for the FROM
-- @end
COPY app."from" (a) FROM STDOUT;
stdout reads too
\.
-- @end
SELECT count(*) FROM app.odd;
-- @end
ANALYZE app.odd;
-- @end
VACUUM app.odd;
-- @end
SELECT setval('app.seq', -5), currval('app.seq');
-- @end
COPY (SELECT a FROM app.odd WHERE b = 'stdin') TO stdout;
-- @end
COPY app.odd TO stdout WITH (FORMAT csv);
-- @end
