-- bad: it runs out
CREATE TABLE a (id integer PRIMARY KEY); --!
CREATE TABLE b (id serial PRIMARY KEY); --!
CREATE TABLE c (n int GENERATED ALWAYS AS IDENTITY); --!
CREATE TABLE d (id int, PRIMARY KEY (id)); --!
-- good: it does not, or somebody else counts
CREATE TABLE a (id bigint PRIMARY KEY);
CREATE TABLE b (id bigserial PRIMARY KEY, n int);
CREATE TABLE c (user_id int PRIMARY KEY REFERENCES users);
CREATE TABLE d (code smallint PRIMARY KEY);
CREATE TABLE e (a int, b int, PRIMARY KEY (a, b));
