--- kinds: text search parser
--- before
CREATE TEXT SEARCH PARSER n1 (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
--- after
CREATE TEXT SEARCH PARSER n1 (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype, HEADLINE = prsd_headline);
COMMENT ON TEXT SEARCH PARSER n1 IS 'x';
--- dump
CREATE TEXT SEARCH PARSER public.n1 (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
--- change
DROP TEXT SEARCH PARSER public.n1;
CREATE TEXT SEARCH PARSER public.n1 (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype, HEADLINE = prsd_headline);
COMMENT ON TEXT SEARCH PARSER public.n1 IS 'x';
