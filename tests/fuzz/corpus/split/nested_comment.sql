SELECT /* a /* b; */ c; */ 1; -- d;
SELECT 2 --
;