-- bad: every INSERT fails
CREATE TABLE t (
    s text DEFAULT 'new' CHECK (s IN ('open', 'closed')), --!
    k text DEFAULT 'x', --!
    CONSTRAINT k_valid CHECK (k = ANY (ARRAY['a', 'b']))
);
-- good: one of the list; no list
CREATE TABLE t (s text DEFAULT 'open' CHECK (s IN ('open', 'closed')),
                u text DEFAULT 'x' CHECK (u <> 'y'), n text CHECK (n IN ('a')));
