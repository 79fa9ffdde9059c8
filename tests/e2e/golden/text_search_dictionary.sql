--- kinds: text search dictionary
--- before
CREATE TEXT SEARCH DICTIONARY n1 (TEMPLATE = simple, stopwords = english);
--- after
CREATE TEXT SEARCH DICTIONARY n1 (TEMPLATE = snowball, language = 'russian');
COMMENT ON TEXT SEARCH DICTIONARY n1 IS 'x';
--- dump
CREATE TEXT SEARCH DICTIONARY public.n1 (TEMPLATE = pg_catalog.simple, stopwords = 'english');
ALTER TEXT SEARCH DICTIONARY public.n1 OWNER TO postgres;
--- change
DROP TEXT SEARCH DICTIONARY public.n1;
CREATE TEXT SEARCH DICTIONARY public.n1 (TEMPLATE = pg_catalog.snowball, language = 'russian');
COMMENT ON TEXT SEARCH DICTIONARY public.n1 IS 'x';
