-- bad: everything in it has another name
ALTER SCHEMA app RENAME TO shop; --!
-- good: a role
ALTER ROLE app RENAME TO shop;
