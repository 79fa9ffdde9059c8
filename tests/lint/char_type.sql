-- bad: blanks
CREATE TABLE t (a char(3), b character); --!
-- good: text
CREATE TABLE t (a text, b varchar(3), c "char");
