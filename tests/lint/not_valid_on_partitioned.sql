-- bad: refused before 18
CREATE TABLE logs (id bigint, u bigint) PARTITION BY HASH (id);
ALTER TABLE logs ADD FOREIGN KEY (u) REFERENCES users NOT VALID; --!
-- good [target=18]: taken
CREATE TABLE logs (id bigint, u bigint) PARTITION BY HASH (id);
ALTER TABLE logs ADD FOREIGN KEY (u) REFERENCES users NOT VALID;
-- good: a plain table
ALTER TABLE plain ADD FOREIGN KEY (u) REFERENCES users NOT VALID;
