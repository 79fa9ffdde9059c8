-- bad: a sequence beside it
CREATE TABLE t (id bigserial PRIMARY KEY); --!
-- good: identity
CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
