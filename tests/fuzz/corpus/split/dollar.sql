DO $$ BEGIN PERFORM 1; END $$;
SELECT $tag$ a; $$ b $tag$; SELECT $1;
SELECT a$b$c FROM x$y$z;
