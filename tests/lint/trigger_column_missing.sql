-- bad: the table has no updated_at
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at = now(); RETURN NEW; END $$;
CREATE TABLE t (id int);
CREATE TRIGGER a BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch(); --!
-- good: it has; a function for several tables; an unknown one
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN New.Updated_At = now(); RETURN NEW; END $$;
CREATE FUNCTION many() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF TG_TABLE_NAME = 'a' THEN NEW.x = 1; END IF; RETURN NEW; END $$;
CREATE TABLE t (id int, updated_at timestamptz);
CREATE TRIGGER a BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER b BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION many();
CREATE TRIGGER c BEFORE UPDATE ON elsewhere FOR EACH ROW EXECUTE FUNCTION touch();
