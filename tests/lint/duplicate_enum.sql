-- bad: the same values
CREATE TYPE a AS ENUM ('x', 'y');
CREATE TYPE b AS ENUM ('y', 'x'); --!
-- good: others
CREATE TYPE a AS ENUM ('x', 'y');
CREATE TYPE b AS ENUM ('x', 'z');
CREATE TYPE c AS ENUM ('x');
