-- bad: of the server's currency
CREATE TABLE t (price money); --!
-- good: a name only
CREATE TABLE t (money numeric);
