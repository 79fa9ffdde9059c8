-- bad: in every query
CREATE TABLE "order" ("user" text, "end" timestamptz); --!
-- good: not reserved
CREATE TABLE orders (app_user text, name text, value int, "key" text, type text);
