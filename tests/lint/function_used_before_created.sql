-- bad: a trigger, a default
CREATE TABLE t (id int DEFAULT next_id(), updated_at timestamptz); --!
CREATE TRIGGER touch BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch(); --!
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE FUNCTION next_id() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
-- good: in order; a body is looked at when it runs; PostgreSQL's own
CREATE FUNCTION outer_one() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN inner_one(); END $$;
CREATE FUNCTION inner_one() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
CREATE TABLE t (id int DEFAULT inner_one(), at timestamptz DEFAULT now());
CREATE FUNCTION app.now() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
