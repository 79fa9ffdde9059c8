-- bad: the others have one
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at = now(); RETURN NEW; END $$;
CREATE TABLE a (updated_at timestamptz);
CREATE TRIGGER a_touch BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TABLE b (updated_at timestamptz); --!
-- good: all have one; nobody has
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at = now(); RETURN NEW; END $$;
CREATE TABLE a (updated_at timestamptz);
CREATE TRIGGER a_touch BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TABLE c (id int);
-- good: it is the programs' work
CREATE TABLE a (updated_at timestamptz);
CREATE TABLE b (updated_at timestamptz);
