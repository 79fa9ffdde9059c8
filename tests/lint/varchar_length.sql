-- bad: a limit in the type
CREATE TABLE t (a varchar(20)); --!
-- good: none
CREATE TABLE t (a text, b varchar, c text CHECK (length(c) < 20));
