/* The scanner: where a statement begins and where it ends. */
#include "sql/split.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sql/chars.h"
#include "sql/split_impl.h"

/* PostgreSQL's limit for one value in memory, and so for one query. */
static const size_t statement_limit = 0x3fffffff;

/* In place of a byte; -1 is the end. */
enum { BREAKPOINT = -2 };

/* What the words so far make of the statement. */
typedef enum head {
    HEAD_FIRST,   /* no token yet */
    HEAD_CREATE,  /* CREATE [OR [REPLACE]] */
    HEAD_ROUTINE, /* … FUNCTION or PROCEDURE: BEGIN ATOMIC is to be watched for */
    HEAD_COPY,    /* COPY, before its FROM or TO */
    HEAD_OTHER,   /* words no longer matter */
} head;

/* The token before, as far as it matters. */
typedef enum before {
    BEFORE_OTHER,
    BEFORE_DOT,
    BEFORE_OR,
    BEFORE_FROM,
    BEFORE_BEGIN,
    BEFORE_ATOMIC,
    BEFORE_SEMICOLON,
} before;

typedef struct statement {
    head head;
    before before;
    size_t parens;
    size_t bodies; /* open BEGIN ATOMIC */
    bool copy_in;
} statement;

static long read_memory(void *self, char *buf, size_t cap, gw_err *err)
{
    (void)err;
    gw_sql_memory *memory = self;
    size_t n = memory->len - memory->at;
    if (n > cap)
        n = cap;
    if (n)
        memcpy(buf, memory->data + memory->at, n);
    memory->at += n;
    return (long)n;
}

gw_sql_input gw_sql_input_memory(gw_sql_memory *memory, const char *data, size_t len,
                                 const char *file, unsigned first_line)
{
    *memory = (gw_sql_memory){.data = data, .len = len};
    return (gw_sql_input){
        .read = read_memory, .self = memory, .file = file, .first_line = first_line};
}

static void release(void *self)
{
    gw_splitter *s = self;
    free(s->buf);
    gw_err_clear(&s->read_err);
}

gw_splitter *gw_splitter_new(gw_arena *arena, const gw_sql_input *input)
{
    gw_splitter *s = gw_alloc(arena, sizeof *s);
    gw_arena_defer(arena, release, s);
    s->input = *input;
    s->mark_line = input->first_line ? input->first_line : 1;
    s->mark_col = input->first_col ? input->first_col : 1;
    s->standard_strings = true;
    s->limit = statement_limit;
    return s;
}

void gw_splitter_standard_strings(gw_splitter *s, bool on)
{
    s->standard_strings = on;
}

void gw_splitter_limit(gw_splitter *s, size_t bytes)
{
    s->limit = bytes;
}

/* Between statements nothing is kept. */
static bool more(gw_splitter *s)
{
    if (!s->in_statement)
        s->start = s->at;
    return gw_split_fill(s);
}

bool gw_split_skip_line_comment(gw_splitter *s)
{
    do {
        while (s->at < s->valid) {
            if (gw_ch_newline(s->buf[s->at]))
                return true;
            s->at++;
        }
    } while (more(s));
    return true;
}

bool gw_split_skip_block_comment(gw_splitter *s, gw_err *err)
{
    gw_split_move_mark(s, s->at);
    unsigned line = s->mark_line, col = s->mark_col;
    size_t depth = 1;
    s->at += 2;
    for (;;) {
        while (s->at < s->valid && s->buf[s->at] != '*' && s->buf[s->at] != '/')
            s->at++;
        if (s->at == s->valid) {
            if (more(s))
                continue;
            if (!gw_split_plain_end(s, err))
                return false;
            gw_err_set(err, GW_ERR_INPUT, "a comment that begins with /* has no end");
            gw_err_hint(err, "comments nest: each /* needs its own */");
            return gw_split_fail_at(s, err, line, col);
        }
        char c = s->buf[s->at++];
        int next = gw_split_peek(s, 0);
        if (c == '/' && next == '*') {
            s->at++;
            depth++;
        } else if (c == '*' && next == '/') {
            s->at++;
            if (--depth == 0)
                return true;
        }
    }
}

static bool unterminated(gw_splitter *s, size_t from, const char *what, const char *hint,
                         gw_err *err)
{
    if (!gw_split_plain_end(s, err))
        return false;
    unsigned line, col;
    gw_split_place(s, s->start + from, &line, &col);
    gw_err_set(err, GW_ERR_INPUT, "%s has no end", what);
    gw_err_hint(err, "%s", hint);
    return gw_split_fail_at(s, err, line, col);
}

/* '…' without escapes and "…": a doubled quote stands for one. The scanner is on the quote. */
static bool skip_quoted(gw_splitter *s, size_t from, gw_err *err)
{
    char quote = s->buf[s->at++];
    for (;;) {
        char *found = memchr(s->buf + s->at, quote, s->valid - s->at);
        if (!found) {
            s->at = s->valid;
            if (gw_split_fill(s))
                continue;
            return quote == '"' ? unterminated(s, from, "a quoted name", "close it with \"", err)
                                : unterminated(s, from, "a string", "close it with '", err);
        }
        s->at = (size_t)(found - s->buf) + 1;
        if (gw_split_peek(s, 0) != quote)
            return true;
        s->at++;
    }
}

/* Does a string go on behind white space with a newline in it? Then the scanner goes there. */
static bool string_goes_on(gw_splitter *s)
{
    bool newline = false;
    size_t i = 0;
    for (;;) {
        int c = gw_split_peek(s, i);
        if (gw_ch_space(c)) {
            newline |= gw_ch_newline(c);
            i++;
        } else if (c == '-' && gw_split_peek(s, i + 1) == '-') {
            do
                c = gw_split_peek(s, ++i);
            while (c >= 0 && !gw_ch_newline(c));
        } else {
            if (!newline || c != '\'')
                return false;
            s->at += i + 1;
            return true;
        }
    }
}

/* E'…': a backslash escapes what follows it, in the parts on later lines too. */
static bool skip_escaped(gw_splitter *s, size_t from, gw_err *err)
{
    s->at++;
    for (;;) {
        while (s->at < s->valid && s->buf[s->at] != '\'' && s->buf[s->at] != '\\')
            s->at++;
        int c = gw_split_peek(s, 0);
        if (c == '\\' && gw_split_peek(s, 1) >= 0) {
            s->at += 2;
        } else if (c == '\'') {
            s->at++;
            if (gw_split_peek(s, 0) == '\'')
                s->at++;
            else if (!string_goes_on(s))
                return true;
        } else if (c < 0 || c == '\\') {
            return unterminated(s, from, "a string", "close it with ' (a \\ before it escapes it)",
                                err);
        }
    }
}

static bool skip_dollar(gw_splitter *s, size_t from, gw_err *err)
{
    size_t len = 1;
    int c = gw_split_peek(s, 1);
    if (gw_ch_name_start(c))
        while (gw_ch_tag(c = gw_split_peek(s, len)))
            len++;
    if (c != '$') {
        s->at++; /* a parameter, or a lone $ that is the server's to refuse */
        return true;
    }
    len++;
    s->at += len;
    for (;;) {
        char *found = memchr(s->buf + s->at, '$', s->valid - s->at);
        s->at = found ? (size_t)(found - s->buf) : s->valid;
        if (gw_split_peek(s, len - 1) < 0) {
            char what[96];
            const char *tag = s->buf + s->start + from;
            int shown = len < 60 ? (int)len : 60;
            while (shown < (int)len && ((unsigned char)tag[shown] & 0xc0) == 0x80)
                shown--;
            snprintf(what, sizeof what, "the text quoted with %.*s", shown, tag);
            return unterminated(s, from, what, "the same tag, with both its $, closes it", err);
        }
        if (memcmp(s->buf + s->at, s->buf + s->start + from, len) == 0) {
            s->at += len;
            return true;
        }
        if (s->buf[s->at] == '$')
            s->at++;
    }
}

static bool is(const char *text, size_t len, const char *word)
{
    for (size_t i = 0; i < len; i++)
        if (gw_ch_lower(text[i]) != word[i])
            return false;
    return word[len] == '\0';
}

static void note_head(statement *st, const char *text, size_t len)
{
    if (st->head == HEAD_FIRST) {
        st->head = is(text, len, "create") ? HEAD_CREATE
                   : is(text, len, "copy") ? HEAD_COPY
                                           : HEAD_OTHER;
    } else if (is(text, len, "function") || is(text, len, "procedure")) {
        st->head = HEAD_ROUTINE;
    } else if (is(text, len, "or")) {
        st->before = BEFORE_OR;
        return;
    } else if (st->before != BEFORE_OR || !is(text, len, "replace")) {
        st->head = HEAD_OTHER;
    }
    st->before = BEFORE_OTHER;
}

/*
 * The END of a body stands behind a semicolon (or right behind ATOMIC), which the END of a CASE
 * never does, nor a column that is called "end".
 */
static void note_routine(statement *st, const char *text, size_t len)
{
    before was = st->before;
    st->before = BEFORE_OTHER;
    if (was == BEFORE_DOT)
        return;
    if (is(text, len, "begin")) {
        st->before = BEFORE_BEGIN;
    } else if (was == BEFORE_BEGIN && is(text, len, "atomic")) {
        st->bodies++;
        st->before = BEFORE_ATOMIC;
    } else if (st->bodies > 0 && (was == BEFORE_SEMICOLON || was == BEFORE_ATOMIC) &&
               is(text, len, "end")) {
        st->bodies--;
    }
}

static void note_copy(statement *st, const char *text, size_t len)
{
    before was = st->before;
    st->before = BEFORE_OTHER;
    if (was == BEFORE_FROM) {
        /* The grammar takes STDOUT for STDIN here. */
        st->copy_in = is(text, len, "stdin") || is(text, len, "stdout");
        st->head = HEAD_OTHER;
    } else if (was != BEFORE_DOT && is(text, len, "from")) {
        st->before = BEFORE_FROM;
    } else if (was != BEFORE_DOT && is(text, len, "to")) {
        st->head = HEAD_OTHER;
    }
}

static void note_word(statement *st, const char *text, size_t len)
{
    if (st->head == HEAD_FIRST || st->head == HEAD_CREATE)
        note_head(st, text, len);
    else if (st->parens > 0)
        st->before = BEFORE_OTHER;
    else if (st->head == HEAD_ROUTINE)
        note_routine(st, text, len);
    else
        note_copy(st, text, len);
}

static void note_other(statement *st, int c)
{
    if (st->head == HEAD_FIRST || st->head == HEAD_CREATE)
        st->head = HEAD_OTHER;
    else if (st->head == HEAD_COPY && st->before == BEFORE_FROM)
        st->head = HEAD_OTHER; /* FROM 'file' */
    if (c == '(')
        st->parens++;
    else if (c == ')' && st->parens > 0)
        st->parens--;
    st->before = c == '.' ? BEFORE_DOT : c == ';' ? BEFORE_SEMICOLON : BEFORE_OTHER;
}

/* Length of what turns a quote that follows it into one of another kind: E, B, X, N, U&. */
static size_t quote_prefix(gw_splitter *s, int c)
{
    c |= 0x20;
    int next = gw_split_peek(s, 1);
    if (next == '\'' && (c == 'e' || c == 'b' || c == 'x' || c == 'n'))
        return 1;
    if (next == '&' && c == 'u') {
        next = gw_split_peek(s, 2);
        return next == '\'' || next == '"' ? 2 : 0;
    }
    return 0;
}

static bool scan_word(gw_splitter *s, statement *st)
{
    size_t from = s->at - s->start;
    do
        while (s->at < s->valid && gw_ch_name((unsigned char)s->buf[s->at]))
            s->at++;
    while (s->at == s->valid && gw_split_fill(s));
    if (st->head != HEAD_OTHER)
        note_word(st, s->buf + s->start + from, s->at - s->start - from);
    return true;
}

static bool scan_token(gw_splitter *s, statement *st, int c, gw_err *err)
{
    size_t from = s->at - s->start;
    size_t prefix = 0;
    if (gw_ch_name_start(c)) {
        prefix = quote_prefix(s, c);
        if (prefix == 0)
            return scan_word(s, st);
    }
    note_other(st, c);
    s->at += prefix;
    switch (s->buf[s->at]) {
    case '"':
        return skip_quoted(s, from, err);
    case '\'':
        if (prefix == 1 ? (c | 0x20) == 'e' || ((c | 0x20) == 'n' && !s->standard_strings)
                        : prefix == 0 && !s->standard_strings)
            return skip_escaped(s, from, err);
        return skip_quoted(s, from, err);
    case '$':
        return skip_dollar(s, from, err);
    default:
        s->at++;
        return true;
    }
}

static bool refuse_backslash(gw_splitter *s, gw_err *err)
{
    static const struct {
        const char *command, *hint;
    } hints[] = {
        {".", "there is no COPY … FROM stdin; above it that it could end"},
        {"copy", "use COPY … FROM stdin; with the data in this file below it"},
        {"i", "files are not included: put the text into this file or make it one of its own"},
        {"ir", "files are not included: put the text into this file or make it one of its own"},
        {"connect", "a migration runs in one database: remove the line"},
        {"c", "a migration runs in one database: remove the line"},
    };
    char name[32];
    size_t len = 0;
    unsigned line, col;
    int c;
    gw_split_place(s, s->at, &line, &col);
    while (len < sizeof name - 5 && (c = gw_split_peek(s, len + 1)) > ' ' && c < 0x7f && c != ';')
        name[len++] = (char)c;
    name[len] = '\0';
    gw_err_set(err, GW_ERR_INPUT, "\\%s is a command of psql, not SQL", name);
    gw_err_detail(err, "the file is sent to the server without psql");
    const char *hint = "remove it, or write what it does in SQL";
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
        if (strcmp(name, hints[i].command) == 0)
            hint = hints[i].hint;
    gw_err_hint(err, "%s", hint);
    return gw_split_fail_at(s, err, line, col);
}

/* pg_dump fences its output with \restrict KEY and \unrestrict KEY. */
static bool skip_backslash(gw_splitter *s, gw_err *err)
{
    static const char *const words[] = {"restrict", "unrestrict"};
    for (size_t w = 0; !s->in_statement && w < 2; w++) {
        size_t len = strlen(words[w]), i = 0;
        while (i < len && gw_split_peek(s, i + 1) == words[w][i])
            i++;
        int c = gw_split_peek(s, len + 1);
        if (i < len || (c >= 0 && !gw_ch_space(c)))
            continue;
        while ((c = gw_split_peek(s, 0)) >= 0 && c != '\n') {
            s->at++;
            s->start = s->at;
        }
        return true;
    }
    return refuse_backslash(s, err);
}

static void begin_statement(gw_splitter *s)
{
    s->start = s->at;
    gw_split_move_mark(s, s->at);
    s->line = s->mark_line;
    s->col = s->mark_col;
    s->in_statement = true;
}

static bool emit_statement(gw_splitter *s, const statement *st, bool terminated, gw_piece *out,
                           gw_err *err)
{
    size_t len = s->token_end - s->start;
    if (len > s->limit) {
        s->end = GW_SPLIT_TOO_LONG;
        return gw_split_plain_end(s, err);
    }
    *out = (gw_piece){
        .kind = GW_PIECE_STATEMENT,
        .text = s->buf + s->start,
        .len = len,
        .line = s->line,
        .col = s->col,
        .offset = s->base + s->start,
        .number = ++s->number,
        .copy_in = st->copy_in,
        .terminated = terminated,
    };
    if (st->copy_in)
        s->mode = GW_SPLIT_COPY_LINE;
    s->in_statement = false;
    gw_split_hide(s, s->token_end);
    return true;
}

/* Passed over where it is there. */
static bool skip_breakpoint(gw_splitter *s)
{
    static const char mark[] = "--> statement-breakpoint";
    size_t i = 0;
    while (s->input.breakpoints && mark[i] && gw_split_peek(s, i) == mark[i])
        i++;
    if (mark[i])
        return false;
    s->at += i;
    return true;
}

/* White space, comments and psql commands; *c is the first byte of a token, BREAKPOINT, or -1. */
static bool skip_to_token(gw_splitter *s, int *c, gw_err *err)
{
    for (;;) {
        while (s->at < s->valid && gw_ch_space(s->buf[s->at]))
            s->at++;
        if (!s->in_statement)
            s->start = s->at;
        *c = gw_split_peek(s, 0);
        if (gw_ch_space(*c))
            continue;
        if (*c == '-' && gw_split_peek(s, 1) == '-') {
            if (skip_breakpoint(s)) {
                *c = BREAKPOINT;
                return true;
            }
            gw_split_skip_line_comment(s);
        } else if (*c == '/' && gw_split_peek(s, 1) == '*') {
            if (!gw_split_skip_block_comment(s, err))
                return false;
        } else if (*c == '\\') {
            if (!skip_backslash(s, err))
                return false;
        } else {
            return true;
        }
    }
}

static bool next_statement(gw_splitter *s, gw_piece *out, gw_err *err)
{
    statement st = {.head = HEAD_FIRST};
    for (;;) {
        int c;
        if (!skip_to_token(s, &c, err))
            return false;
        if (c == BREAKPOINT) {
            if (s->in_statement)
                return emit_statement(s, &st, true, out, err);
            continue;
        }
        if (c < 0) {
            if (!gw_split_plain_end(s, err))
                return false;
            if (s->in_statement)
                return emit_statement(s, &st, false, out, err);
            gw_split_move_mark(s, s->at);
            *out = (gw_piece){.kind = GW_PIECE_END,
                              .text = "",
                              .line = s->mark_line,
                              .col = s->mark_col,
                              .offset = s->base + s->at};
            return true;
        }
        if (c == ';' && !s->in_statement) {
            s->at++;
            continue;
        }
        if (c == ';' && st.parens == 0 && st.bodies == 0) {
            s->at++;
            return emit_statement(s, &st, true, out, err);
        }
        if (!s->in_statement)
            begin_statement(s);
        if (!scan_token(s, &st, c, err))
            return false;
        s->token_end = s->at;
    }
}

static void skip_byte_order_mark(gw_splitter *s)
{
    s->begun = true;
    if (gw_split_peek(s, 0) == 0xef && gw_split_peek(s, 1) == 0xbb && gw_split_peek(s, 2) == 0xbf)
        s->at = s->start = s->mark = 3;
}

bool gw_splitter_next(gw_splitter *s, gw_piece *out, gw_err *err)
{
    *out = (gw_piece){.kind = GW_PIECE_END, .text = ""};
    if (s->failed)
        return gw_err_set(err, GW_ERR_INTERNAL, "the splitter was asked again after an error");
    if (s->hidden) {
        s->buf[s->hidden_at] = s->hidden_byte;
        s->hidden = false;
    }
    s->start = s->at;
    if (!s->begun)
        skip_byte_order_mark(s);
    if (s->mode != GW_SPLIT_SQL)
        return gw_split_copy_next(s, out, err);
    return next_statement(s, out, err);
}

void gw_piece_place(const gw_piece *piece, size_t position, unsigned *line, unsigned *col)
{
    const char *p = piece->text, *end = p + piece->len;
    unsigned l = piece->line, c = piece->col;
    for (size_t at = 1; p < end && at < position; at++) {
        if (*p == '\n') {
            l++;
            c = 1;
        } else {
            c++;
        }
        do
            p++;
        while (p < end && ((unsigned char)*p & 0xc0) == 0x80);
    }
    *line = l;
    *col = c;
}
