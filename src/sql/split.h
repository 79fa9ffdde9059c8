/*
 * SQL text → statements, as a stream: memory is bounded by the longest statement, COPY data pass
 * through in chunks. Follows the lexical rules of PostgreSQL (scan.l) and psql's habit of what
 * ends a statement: dollar quotes, nested comments, E'' U&"" strings, parentheses (CREATE RULE … DO
 * (a; b)), BEGIN ATOMIC … END with CASE … END inside, COPY … FROM stdin with its data.
 * It does not depend on the grammar: a statement that no parser here knows is still one statement.
 *
 * psql's backslash commands: \restrict and \unrestrict lines (pg_dump writes them) are passed
 * over; any other is an error with its place. Knows nothing of servers or transactions.
 */
#ifndef GW_SQL_SPLIT_H
#define GW_SQL_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/* Where the text comes from: fill buf with up to cap bytes, 0 = end, -1 = failed (err is set). */
typedef struct gw_sql_input {
    long (*read)(void *self, char *buf, size_t cap, gw_err *err);
    void *self;
    const char *file;    /* for error places; may be NULL */
    unsigned first_line; /* line number of the first byte; 0 counts as 1 */
    unsigned first_col;  /* the same for its column */
    bool breakpoints;    /* drizzle: `--> statement-breakpoint`, outside quotes and comments, ends a
                            statement as a semicolon does, and what follows it on its line is SQL */
} gw_sql_input;

/* Text in memory as an input. The text must outlive it. */
typedef struct gw_sql_memory {
    const char *data;
    size_t len, at;
} gw_sql_memory;
gw_sql_input gw_sql_input_memory(gw_sql_memory *memory, const char *data, size_t len,
                                 const char *file, unsigned first_line);

typedef enum gw_piece_kind {
    GW_PIECE_END,
    GW_PIECE_STATEMENT, /* without its semicolon, from its first token to its last */
    GW_PIECE_COPY_DATA, /* a chunk of what follows a COPY … FROM stdin, lines not cut apart
                           unless one is over 64 KiB */
    GW_PIECE_COPY_END,  /* the line "\." or the end of the text was reached */
} gw_piece_kind;

typedef struct gw_piece {
    gw_piece_kind kind;
    const char *text; /* NUL-terminated; valid until the next call */
    size_t len;
    unsigned line, col; /* place of its first byte */
    uint64_t offset;    /* byte offset of its first byte in the input */
    unsigned number;    /* of the statement, from 1 */
    bool copy_in;       /* a COPY … FROM stdin: COPY_DATA* and COPY_END follow */
    bool terminated;    /* a semicolon ended it, a "\\." the data; false where the text just ended */
} gw_piece;

typedef struct gw_splitter gw_splitter;

/* Released with the arena. Its buffer is its own and is kept between statements. */
gw_splitter *gw_splitter_new(gw_arena *arena, const gw_sql_input *input);

/*
 * The next piece. Errors (kind INPUT, with file:line:col): an unterminated quote, comment or
 * dollar quote (place = where it began), a backslash command, text behind COPY … FROM stdin on its
 * line, a NUL byte, bytes that are not UTF-8, a statement over 1 GB (PostgreSQL's own limit). An
 * unbalanced ')' is left to the server. After an error the splitter is of no more use.
 */
bool gw_splitter_next(gw_splitter *splitter, gw_piece *out, gw_err *err);

/* What the session's standard_conforming_strings is; on at the start. */
void gw_splitter_standard_strings(gw_splitter *splitter, bool on);

/* The longest statement taken, in bytes: PostgreSQL's own limit at the start. */
void gw_splitter_limit(gw_splitter *splitter, size_t bytes);

/* Place (line, column from 1) of the 1-based character position `position` in a piece's text,
 * as the server's error gives it. */
void gw_piece_place(const gw_piece *piece, size_t position, unsigned *line, unsigned *col);

#endif
