-- bad [whole]: misspelt
CREATE TABLE accounts (id bigint PRIMARY KEY);
ALTER TABLE acounts ADD COLUMN a int; --!
-- good [whole]: there; the server's; made by code
CREATE TABLE accounts (id bigint PRIMARY KEY);
ALTER TABLE accounts ADD COLUMN a int;
CREATE TABLE numbered (id bigserial PRIMARY KEY, n bigint GENERATED ALWAYS AS IDENTITY);
GRANT USAGE ON SEQUENCE numbered_id_seq, numbered_n_seq TO app;
SELECT * FROM pg_class, information_schema.tables, godwit.migrations;
DO $$ BEGIN EXECUTE 'CREATE TABLE parts_2020 …'; END $$;
ALTER TABLE parts_2020 ADD COLUMN a int;
-- good: one file cannot know
ALTER TABLE elsewhere ADD COLUMN a int;
