--- kinds: text search template
--- before
CREATE TEXT SEARCH TEMPLATE n1 (INIT = dsimple_init, LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH DICTIONARY n2 (TEMPLATE = n1);
--- after
CREATE TEXT SEARCH TEMPLATE n1 (LEXIZE = dsimple_lexize);
COMMENT ON TEXT SEARCH TEMPLATE n1 IS 'x';
--- dump
CREATE TEXT SEARCH TEMPLATE public.n1 (INIT = dsimple_init, LEXIZE = dsimple_lexize);

CREATE TEXT SEARCH DICTIONARY public.n2 (TEMPLATE = public.n1);
ALTER TEXT SEARCH DICTIONARY public.n2 OWNER TO postgres;
--- change
DROP TEXT SEARCH DICTIONARY public.n2;
DROP TEXT SEARCH TEMPLATE public.n1;
CREATE TEXT SEARCH TEMPLATE public.n1 (LEXIZE = dsimple_lexize);
COMMENT ON TEXT SEARCH TEMPLATE public.n1 IS 'x';
