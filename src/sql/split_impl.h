/* Shared by the parts of the splitter: split.c (statements), split_copy.c, split_input.c. */
#ifndef GW_SQL_SPLIT_IMPL_H
#define GW_SQL_SPLIT_IMPL_H

#include "sql/split.h"

enum {
    GW_SPLIT_READ = 64 * 1024,       /* bytes asked for at once */
    GW_SPLIT_COPY_CHUNK = 64 * 1024, /* a line of COPY data longer than this may be cut */
    GW_SPLIT_KEEP = 1024 * 1024,     /* a buffer above this is given back */
};

/* Why no more characters come. */
typedef enum gw_split_end {
    GW_SPLIT_MORE,
    GW_SPLIT_EOF,
    GW_SPLIT_NUL,
    GW_SPLIT_ENCODING,
    GW_SPLIT_TOO_LONG,
    GW_SPLIT_READ_FAILED,
} gw_split_end;

typedef enum gw_split_mode {
    GW_SPLIT_SQL,
    GW_SPLIT_COPY_LINE, /* behind the semicolon of a COPY … FROM stdin */
    GW_SPLIT_COPY_DATA,
} gw_split_mode;

/* Indexes are into buf; all of them move together when the buffer is compacted. */
struct gw_splitter {
    gw_sql_input input;
    char *buf;
    size_t cap;
    size_t start;     /* first byte that is still needed */
    size_t at;        /* the scanner */
    size_t token_end; /* of the last token of the statement */
    size_t valid;     /* whole characters, none of them NUL, are below this */
    size_t len;       /* bytes read */
    uint64_t base;    /* offset of buf[0] in the input */

    /* A place that is known; never behind `start`. */
    size_t mark;
    unsigned mark_line, mark_col;

    gw_split_end end;
    gw_err read_err;
    size_t limit; /* of one statement */

    gw_split_mode mode;
    bool standard_strings;
    bool begun; /* the start of the input was looked at */
    bool failed;
    bool in_statement;
    unsigned number;
    unsigned line, col; /* of the statement */

    bool line_start; /* COPY data: at the beginning of a line */

    /* The byte under the NUL that ends the last piece. */
    bool hidden;
    size_t hidden_at;
    char hidden_byte;
};

/* Read more; false at the end, whatever the reason. What is below `start` is forgotten. */
bool gw_split_fill(gw_splitter *s);

/* The byte `ahead` of the scanner, or -1 at the end. */
static inline int gw_split_peek(gw_splitter *s, size_t ahead)
{
    while (s->at + ahead >= s->valid)
        if (!gw_split_fill(s))
            return -1;
    return (unsigned char)s->buf[s->at + ahead];
}

/* Place of buf[index]; index is not before the mark. */
void gw_split_place(const gw_splitter *s, size_t index, unsigned *line, unsigned *col);
void gw_split_move_mark(gw_splitter *s, size_t index);

/* Give an error its file and place; always false. */
bool gw_split_fail_at(gw_splitter *s, gw_err *err, unsigned line, unsigned col);

/* The scanner met the end: true if it is the plain end of the text, otherwise err says why. */
bool gw_split_plain_end(gw_splitter *s, gw_err *err);

/* End the text of a piece with a NUL until the next call. */
void gw_split_hide(gw_splitter *s, size_t index);

bool gw_split_skip_line_comment(gw_splitter *s);
bool gw_split_skip_block_comment(gw_splitter *s, gw_err *err);

/* COPY: the rest of the statement's line, a chunk of data, or the end of them. */
bool gw_split_copy_next(gw_splitter *s, gw_piece *out, gw_err *err);

#endif
